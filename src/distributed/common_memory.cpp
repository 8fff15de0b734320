#include "src/distributed/common_memory.hpp"

#include <fcntl.h>
#include <filesystem>
#include <random>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <torch/utils.h>

namespace musicvae {
namespace {

std::string random_name() {
  std::random_device random;
  return "musicvae-" + std::to_string(random()) + "-" + std::to_string(random());
}

flock lock_of(int number) {
  flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = number;
  lock.l_len = 1;
  return lock;
}

/// The path to a file through the process that has it open, and the target of the link there: on
/// another machine, or in another container, that path may lead to another file.
std::string full_name(int file, const std::string& name) {
  const auto way = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file);
  return way + " /memfd:" + name + " (deleted)";
}

}  // namespace

std::shared_ptr<CommonMemory> CommonMemory::create(std::size_t bytes) {
  const auto name = random_name();
  const int file = memfd_create(name.c_str(), MFD_CLOEXEC);
  if (file < 0) return nullptr;
  const std::shared_ptr<CommonMemory> memory(new CommonMemory(full_name(file, name), file, bytes));
  // The memory is reserved now: where it is short, a process that first writes to it would be
  // killed.
  if (posix_fallocate(file, 0, static_cast<off_t>(bytes)) != 0) return nullptr;
  return memory->map() ? memory : nullptr;
}

std::shared_ptr<CommonMemory> CommonMemory::open(const std::string& name, std::size_t bytes) {
  const auto space = name.find(' ');
  if (space == std::string::npos) return nullptr;
  const auto way = name.substr(0, space);
  std::error_code none;
  if (std::filesystem::read_symlink(way, none) != name.substr(space + 1)) return nullptr;
  const int file = ::open(way.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  const std::shared_ptr<CommonMemory> memory(new CommonMemory(name, file, bytes));
  return memory->map() ? memory : nullptr;
}

CommonMemory::~CommonMemory() {
  if (data_ != nullptr) munmap(data_, bytes_);
  close(file_);
}

bool CommonMemory::map() {
  struct stat status {};
  if (fstat(file_, &status) != 0) return false;
  if (static_cast<std::size_t>(status.st_size) < bytes_) return false;
  void* mapped = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (mapped == MAP_FAILED) return false;
  data_ = static_cast<std::byte*>(mapped);
  return true;
}

bool CommonMemory::lock(int number) const {
  auto lock = lock_of(number);
  return fcntl(file_, F_OFD_SETLK, &lock) == 0;
}

bool CommonMemory::is_locked(int number) const {
  auto lock = lock_of(number);
  return fcntl(file_, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

torch::Tensor floats_in(const std::shared_ptr<CommonMemory>& memory, std::int64_t skipped,
                        std::int64_t count) {
  const auto keep = [memory](void*) {};
  return torch::from_blob(reinterpret_cast<float*>(memory->data()) + skipped, {count}, keep,
                          torch::kFloat);
}

}  // namespace musicvae
