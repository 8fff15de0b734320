#include "src/temporary_file.hpp"

#include <stdlib.h>
#include <unistd.h>

#include "src/error.hpp"

namespace musicvae {

TemporaryFile::TemporaryFile(const std::string& prefix) {
  std::string name = (std::filesystem::temp_directory_path() / (prefix + "-XXXXXX")).string();
  const int file = mkstemp(name.data());
  if (file < 0) throw Error("cannot make a temporary file " + name);
  close(file);
  path_ = name;
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace musicvae
