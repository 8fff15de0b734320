#include "tests/disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace {

namespace fs = std::filesystem;

musicvae::test::DiskCalls* watcher = nullptr;

/// Whether the call is to succeed.
bool noted(const char* name) {
  if (watcher == nullptr) return true;
  watcher->names.emplace_back(name);
  return watcher->passes(name);
}

bool is_folder(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

namespace musicvae::test {

DiskCalls::DiskCalls(std::string failing) : failing_(std::move(failing)) { watcher = this; }
DiskCalls::~DiskCalls() { watcher = nullptr; }

bool DiskCalls::passes(const std::string& name) const {
  if (name != failing_) return true;
  errno = ENOSPC;
  return false;
}

}  // namespace musicvae::test

// These stand before the C library's own, as a program's functions do. No test has to survive a
// power cut, so nothing is synced.

extern "C" int fsync(int descriptor) {
  return noted(is_folder(descriptor) ? "sync folder" : "sync file") ? 0 : -1;
}

extern "C" int rename(const char* from, const char* to) noexcept {
  const bool beside = fs::path(from).parent_path() == fs::path(to).parent_path();
  if (!noted(beside ? "rename" : "rename to another folder")) return -1;
  return ::renameat(AT_FDCWD, from, AT_FDCWD, to);
}

extern "C" ssize_t write(int descriptor, const void* data, std::size_t count) {
  if (watcher != nullptr) {
    count = std::min(count, watcher->most_written);
    if (watcher->interruptions-- > 0) {
      errno = EINTR;
      return -1;
    }
  }
  return ::syscall(SYS_write, descriptor, data, count);
}

extern "C" int close(int descriptor) {
  const auto result = static_cast<int>(::syscall(SYS_close, descriptor));
  return watcher == nullptr || watcher->passes("close") ? result : -1;
}
