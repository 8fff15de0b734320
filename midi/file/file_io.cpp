#include "midi/file/file_io.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace musicvae::midi {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 64 * 1024;

[[noreturn]] void fail(const std::string& action, const fs::path& path, const std::string& advice) {
  const std::string reason = std::generic_category().message(errno);
  throw MidiError("cannot " + action + " '" + path.string() + "': " + reason + "; " + advice);
}

[[noreturn]] void refuse_size(const fs::path& path, std::size_t max_bytes) {
  throw MidiError("cannot read '" + path.string() + "': it holds more than " +
                  std::to_string(max_bytes) + " bytes; check that it is the file you meant");
}

/// Owns a file descriptor; the standard streams are borrowed.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  bool is_open() const { return fd_ >= 0; }
  int get() const { return fd_; }

  /// 0 on success, as close(2); some file systems report a full disk only here.
  int close() {
    const int fd = std::exchange(fd_, -1);
    return fd > STDERR_FILENO ? ::close(fd) : 0;
  }

 private:
  int fd_;
};

/// Removes the temporary file unless it has been renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  const fs::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

ssize_t read_some(int fd, std::byte* to, std::size_t count) {
  ssize_t got;
  do got = ::read(fd, to, count);
  while (got < 0 && errno == EINTR);
  return got;
}

/// What the file system says about the size, as a hint for the first allocation only.
std::size_t expected_size(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
}

void write_all(int fd, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("write", path, "check the free space and the permissions");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

void write_directly(const fs::path& path, std::span<const std::byte> bytes) {
  Descriptor file(path == "-" ? STDOUT_FILENO : ::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) fail("write", path, "check the path and its permissions");
  write_all(file.get(), bytes, path);
}

/// A name that no other process or thread uses, save one left behind by a killed process.
fs::path temporary_name(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  const std::string id = std::to_string(::getpid()) + '-' + std::to_string(counter++);
  return target.parent_path() / ('.' + target.filename().string() + '.' + id + ".tmp");
}

/// Makes the rename itself durable. File systems that cannot sync a folder are left alone.
void sync_folder(const fs::path& folder) {
  const Descriptor handle(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY));
  if (handle.is_open()) ::fsync(handle.get());
}

struct NewFile {
  fs::path path;
  int fd;
};

NewFile create_temporary(const fs::path& target) {
  for (;;) {
    const fs::path path = temporary_name(target);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) return {path, fd};
    if (errno != EEXIST) fail("write", target, "check that its folder exists and can be written");
  }
}

void write_and_rename(const fs::path& target, std::span<const std::byte> bytes) {
  const NewFile created = create_temporary(target);
  TemporaryFile temporary(created.path);
  Descriptor file(created.fd);
  write_all(file.get(), bytes, target);
  if (::fsync(file.get()) != 0 || file.close() != 0) fail("write", target, "check the free space");
  if (::rename(temporary.path().c_str(), target.c_str()) != 0)
    fail("write", target, "check that it is a file that can be replaced");
  temporary.keep();
  sync_folder(target.parent_path());
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path, std::size_t max_bytes) {
  Descriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail("open", path, "check the path and its permissions");
  std::vector<std::byte> bytes(std::min(expected_size(file.get()), max_bytes) + 1);
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = read_some(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0) fail("read", path, "check that it is a file");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > max_bytes) refuse_size(path, max_bytes);
    if (size == bytes.size()) bytes.resize(2 * size + kBlockBytes);
  }
  bytes.resize(size);
  return bytes;
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  const bool replaceable = !fs::exists(status) || fs::is_regular_file(status);
  if (path == "-" || !replaceable) return write_directly(path, bytes);
  const fs::path target = fs::exists(status) ? fs::canonical(path, none) : path;
  write_and_rename(none ? path : target, bytes);
}

}  // namespace musicvae::midi
