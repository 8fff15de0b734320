#include "models/files/atomic_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace musicvae::models {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw ModelError("cannot write " + path.string() + ": " + std::generic_category().message(errno));
}

std::filesystem::path temporary_for(const std::filesystem::path& path) {
  auto name = "." + path.filename().string() + "." + std::to_string(::getpid()) + ".tmp";
  return path.parent_path() / name;
}

// Without this, the rename itself may be lost in a power cut. Some file systems refuse it: no harm.
void sync_folder(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path destination)
    : destination_(std::move(destination)), temporary_(temporary_for(destination_)) {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(destination_);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const auto written = ::write(descriptor_, next, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(destination_);
    next += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) fail(destination_);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(destination_);
  if (::rename(temporary_.c_str(), destination_.c_str()) != 0) fail(destination_);
  temporary_.clear();
  sync_folder(destination_);
}

}  // namespace musicvae::models
