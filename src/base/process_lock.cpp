#include "src/base/process_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include "src/base/error.hpp"

namespace musicvae {
namespace {

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Whether the lock is held by another process, which is written to `holder`.
bool is_held(int descriptor, pid_t& holder) {
  struct flock lock = whole_file();
  if (::fcntl(descriptor, F_SETLK, &lock) == 0) return false;
  if (errno != EACCES && errno != EAGAIN) return false;
  if (::fcntl(descriptor, F_GETLK, &lock) != 0) return false;
  if (lock.l_type == F_UNLCK) return is_held(descriptor, holder);  // The holder has just ended.
  holder = lock.l_pid;
  return true;
}

}  // namespace

ProcessLock::ProcessLock(const std::filesystem::path& path, const std::string& what)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)) {
  if (descriptor_ < 0) {
    throw Error("cannot write '" + path.string() + "': " + std::generic_category().message(errno) +
                "; check the permissions");
  }
  pid_t holder = 0;
  if (!is_held(descriptor_, holder)) return;
  ::close(descriptor_);
  throw Error(what + " is in use by process " + std::to_string(holder) +
              "; wait until it ends, or end it");
}

ProcessLock::~ProcessLock() { ::close(descriptor_); }

}  // namespace musicvae
