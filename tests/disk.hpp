#pragma once

#include <csignal>
#include <cstddef>
#include <limits>
#include <string>
#include <sys/resource.h>
#include <vector>

/// What disks do rarely, for tests that write files.
namespace musicvae::test {

/// While it lives, no file grows beyond `bytes`: a write gets as far as that, the next one fails.
class FullDisk {
 public:
  explicit FullDisk(std::size_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit lower{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lower);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

/// While it lives, collects the calls that make a file durable: "sync file", "rename" ("rename to
/// another folder" where it is not beside) and "sync folder". The calls named `failing`, one of the
/// first two or "close", fail.
class DiskCalls {
 public:
  explicit DiskCalls(std::string failing = {});
  DiskCalls(const DiskCalls&) = delete;
  DiskCalls& operator=(const DiskCalls&) = delete;
  ~DiskCalls();

  /// Whether the call is to succeed; sets errno otherwise.
  bool passes(const std::string& name) const;

  std::vector<std::string> names;
  std::size_t most_written = std::numeric_limits<std::size_t>::max();  ///< In one call of write.
  int interruptions = 0;  ///< How many calls of write a signal interrupts.

 private:
  std::string failing_;
};

}  // namespace musicvae::test
