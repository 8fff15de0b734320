#pragma once

#include <filesystem>
#include <string>

namespace musicvae {

/// Keeps other processes from the same work, until the object or its process ends, however that
/// ends. File systems that know no locks let everybody in.
class ProcessLock {
 public:
  /// Locks the file at `path`, which is made where it is missing, and stays. Throws Error where
  /// another process holds it, as "`what` is in use by process 123".
  ProcessLock(const std::filesystem::path& path, const std::string& what);
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;
  ProcessLock& operator=(const ProcessLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace musicvae
