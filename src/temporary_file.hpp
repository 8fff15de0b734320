#pragma once

#include <filesystem>
#include <string>

namespace musicvae {

/// A path of its own in the system's temporary folder; what stands there is removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& prefix);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace musicvae
