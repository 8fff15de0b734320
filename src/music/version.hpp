#pragma once

#include <string>

namespace musicvae {

/// The program's version, "major.minor.patch".
const char* version();

/// "musicvae 0.1.0": how files name the program that wrote them.
std::string program_name();
/// What to do with a file that asks for something this program does not know. `writer` is the
/// program_name() that the file holds; older files hold none, and it is empty.
std::string newer_program_hint(const std::string& writer);

}  // namespace musicvae
