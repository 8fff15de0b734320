#include "src/music/version.hpp"

namespace musicvae {

const char* version() { return MUSICVAE_VERSION; }

std::string program_name() { return std::string("musicvae ") + version(); }

std::string newer_program_hint(const std::string& writer) {
  const std::string program = writer.empty() ? "an unknown version of musicvae" : writer;
  return "the file was written by " + program + ", and this is " + program_name() +
         "; use the program that wrote it, or a later one";
}

}  // namespace musicvae
