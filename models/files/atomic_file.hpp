#pragma once

#include <cstddef>
#include <filesystem>

#include "models/error.hpp"

namespace musicvae::models {

/// A file that appears whole or not at all: written beside its destination under a temporary name,
/// and renamed over it by commit(). Without commit() nothing is left. Throws ModelError with the
/// path and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path destination);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, std::size_t bytes);
  /// Survives a power cut once it has returned.
  void commit();

 private:
  std::filesystem::path destination_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

}  // namespace musicvae::models
