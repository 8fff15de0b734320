#pragma once

namespace musicvae {

/// The program's version, "major.minor.patch".
const char* version();

}  // namespace musicvae
