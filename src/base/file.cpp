#include "src/base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "src/base/error.hpp"

namespace musicvae {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 64 * 1024;
constexpr int kMostWriters = 1000;  // So many processes may write one file at a time.

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

/// The names that temporary files for `target` have. The first is taken, unless others are writing
/// the same file.
fs::path temporary_name(const fs::path& target, int number) {
  constexpr std::size_t kLongest = 200;  // Names of up to 255 bytes are allowed.
  const std::string start = '.' + target.filename().string().substr(0, kLongest);
  return target.parent_path() / (start + ".musicvae-" + std::to_string(number) + ".tmp");
}

/// Removes what a killed writer left under a temporary name, or what somebody else has put there. A
/// file that is being written is locked, and stays.
void remove_stale(const fs::path& temporary) {
  const Descriptor file(::open(temporary.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const bool link = !file.is_open() && errno == ELOOP;
  const bool abandoned = file.is_open() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
  if (link || abandoned) ::unlink(temporary.c_str());
}

/// Locks a temporary file that we have made. False where somebody took it for a stale one before.
bool lock_new(int descriptor) {
  struct stat status {};
  ::flock(descriptor, LOCK_EX);
  return ::fstat(descriptor, &status) == 0 && status.st_nlink > 0;
}

bool is_device(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

/// Writes a file of that name into a new folder. Its path, or none where that fails too.
fs::path keep(const fs::path& name, std::span<const std::byte> bytes) {
  fs::path folder;
  try {
    folder = make_private_folder();
    write_file_atomically(folder / name, bytes);
    return folder / name;
  } catch (const std::exception&) {
    std::error_code ignored;
    fs::remove(folder, ignored);
    return {};
  }
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
  } else if (is_device(path_)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail("write", path_, "check the path and its permissions");
  } else {
    if (fs::exists(status)) target_ = fs::canonical(path_, error);
    if (error) target_ = path_;
    create_temporary();
    keep_mode();
  }
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  close_unless_standard(descriptor_);
  close_unless_standard(lock_);
}

void AtomicFile::create_temporary() {
  for (int number = 0;; ++number) {
    const fs::path name = temporary_name(target_, number);
    remove_stale(name);
    descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno == EEXIST && number < kMostWriters) continue;
    if (descriptor_ < 0) fail("write", path_, "check that its folder exists and can be written");
    lock_ = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    temporary_ = name;
    if (lock_new(descriptor_)) return;
    close_unless_standard(std::exchange(descriptor_, -1));
    close_unless_standard(std::exchange(lock_, -1));
  }
}

/// A file that is replaced keeps its permissions.
void AtomicFile::keep_mode() {
  struct stat status {};
  if (::stat(target_.c_str(), &status) == 0) ::fchmod(descriptor_, status.st_mode & 0777);
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
  close_unless_standard(std::exchange(lock_, -1));
  sync_folder(target_.parent_path());
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void check_writable(const fs::path& path) {
  if (path == "-") return;
  if (!is_device(path)) {
    const AtomicFile trial(path);
  } else if (fs::is_directory(path) || ::access(path.c_str(), W_OK) != 0) {
    if (fs::is_directory(path)) errno = EISDIR;
    fail("write", path, "check the path and its permissions");
  }
}

fs::path make_private_folder() {
  std::string name = (fs::temp_directory_path() / "musicvae-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail("make", name, "check TMPDIR");
  return name;
}

void write_or_keep(const fs::path& path, std::span<const std::byte> bytes) {
  try {
    write_file_atomically(path, bytes);
  } catch (const Error& error) {
    const fs::path kept = path == "-" ? fs::path() : keep(path.filename(), bytes);
    if (kept.empty()) throw;
    throw Error(std::string(error.what()) + "; it is kept in '" + kept.string() + "'");
  }
}

}  // namespace musicvae
