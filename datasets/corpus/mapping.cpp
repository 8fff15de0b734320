#include "datasets/corpus/mapping.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "datasets/error.hpp"

namespace musicvae::datasets {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw DatasetError(what + ": " + std::generic_category().message(errno));
}

int create_nameless(const std::string& folder) {
  std::string name = folder + "/.corpus-XXXXXX";
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) fail("cannot write to the folder '" + folder + "'");
  ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

Mapping Mapping::of_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail("cannot open '" + path.string() + "'");
  try {
    Mapping mapping(descriptor);
    ::close(descriptor);
    return mapping;
  } catch (const DatasetError& error) {
    ::close(descriptor);
    throw DatasetError("cannot read '" + path.string() + "': " + error.what());
  }
}

Mapping::Mapping(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail("no size is known");
  if (!S_ISREG(status.st_mode)) throw DatasetError("it is not a regular file");
  const auto size = std::size_t(status.st_size);
  if (size == 0) return;  // Nothing can be mapped, and nothing need be.
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (start == MAP_FAILED) fail("it cannot be mapped");
  bytes_ = {static_cast<const std::byte*>(start), size};
}

Mapping::Mapping(Mapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Mapping::~Mapping() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

Spool::Spool(const std::filesystem::path& folder)
    : folder_(folder.empty() ? "." : folder.string()), descriptor_(create_nameless(folder_)) {}

Spool Spool::temporary() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (error) {
    throw DatasetError("there is no temporary folder: " + error.message() +
                       "; set TMPDIR to a folder that exists");
  }
  return Spool(folder);
}

Spool::~Spool() { ::close(descriptor_); }

void Spool::append(std::span<const std::byte> bytes) {
  overwrite(size_, bytes);
  size_ += bytes.size();
}

void Spool::overwrite(std::size_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(descriptor_, bytes.data(), bytes.size(), off_t(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      fail("cannot write the corpus in the folder '" + folder_ + "'; check the free space");
    }
    bytes = bytes.subspan(std::size_t(done));
    offset += std::size_t(done);
  }
}

}  // namespace musicvae::datasets
