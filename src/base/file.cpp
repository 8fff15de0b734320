#include "src/base/file.hpp"

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

#include "src/base/error.hpp"

namespace musicvae {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 64 * 1024;

[[noreturn]] void fail(const std::string& action, const fs::path& path, const std::string& advice) {
  const std::string reason = std::generic_category().message(errno);
  throw Error("cannot " + action + " '" + path.string() + "': " + reason + "; " + advice);
}

[[noreturn]] void refuse_size(const fs::path& path, std::size_t max_bytes) {
  throw Error("cannot read '" + path.string() + "': it holds more than " +
              std::to_string(max_bytes) + " bytes; check that it is the file you meant");
}

/// As close(2), but leaves the standard streams open, which are borrowed.
int close_unless_standard(int descriptor) {
  return descriptor > STDERR_FILENO ? ::close(descriptor) : 0;
}

/// Owns the descriptor of a file that is read.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close_unless_standard(descriptor_); }

  bool is_open() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

ssize_t read_some(int descriptor, std::byte* to, std::size_t count) {
  ssize_t got;
  do got = ::read(descriptor, to, count);
  while (got < 0 && errno == EINTR);
  return got;
}

/// What the file system says about the size, as a hint for the first allocation only.
std::size_t expected_size(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
}

/// A name that no other process or thread uses, save one left behind by a killed process.
fs::path temporary_name(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  const std::string id = std::to_string(::getpid()) + '-' + std::to_string(counter++);
  return target.parent_path() / ('.' + target.filename().string() + '.' + id + ".tmp");
}

/// Makes the rename itself durable. File systems that cannot sync a folder are left alone.
void sync_folder(const fs::path& folder) {
  const Descriptor handle(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.is_open()) ::fsync(handle.get());
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path, std::size_t max_bytes) {
  const Descriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
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

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)), target_(path_) {
  std::error_code error;
  const fs::file_status status = fs::status(path_, error);
  if (path_ == "-") {
    descriptor_ = STDOUT_FILENO;
  } else if (fs::exists(status) && !fs::is_regular_file(status)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail("write", path_, "check the path and its permissions");
  } else {
    if (fs::exists(status)) target_ = fs::canonical(path_, error);
    if (error) target_ = path_;
    create_temporary();
  }
}

AtomicFile::~AtomicFile() {
  close_unless_standard(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::create_temporary() {
  do {
    temporary_ = temporary_name(target_);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail("write", path_, "check that its folder exists and can be written");
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("write", path_, "check the free space and the permissions");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

void AtomicFile::commit() {
  if (!temporary_.empty() && ::fsync(descriptor_) != 0)
    fail("write", path_, "check the free space");
  // Some file systems report a full disk only when a file is closed.
  if (close_unless_standard(std::exchange(descriptor_, -1)) != 0) {
    fail("write", path_, "check the free space");
  }
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    fail("write", path_, "check that it is a file that can be replaced");
  }
  temporary_.clear();
  sync_folder(target_.parent_path());
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace musicvae
