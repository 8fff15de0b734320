#include "models/runtime/buffer_cache.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

namespace musicvae::models {
namespace {

/// Smaller tensors are left to malloc, which keeps their pages by itself.
constexpr std::size_t kLeastBytes = std::size_t{1} << 17;
constexpr std::size_t kPage = std::size_t{1} << 12;
constexpr std::size_t kHugePage = std::size_t{1} << 21;

std::size_t rounded_up(std::size_t bytes, std::size_t granule) {
  return (bytes + granule - 1) / granule * granule;
}

/// As many addresses as the machine has memory. Only those that are written take any.
class AddressSpace {
 public:
  AddressSpace() {
    const auto pages = ::sysconf(_SC_PHYS_PAGES);
    const auto page = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page <= 0) return;
    size_ = rounded_up(static_cast<std::size_t>(pages) * static_cast<std::size_t>(page), kHugePage);
    void* const got = ::mmap(nullptr, size_ + kHugePage, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) {
      size_ = 0;
      return;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(got);
    begin_ = static_cast<std::byte*>(got) + (rounded_up(address, kHugePage) - address);
#ifdef __linux__
    ::madvise(begin_, size_, MADV_HUGEPAGE);  // A request, which may be ignored.
#endif
  }

  std::byte* begin() const { return begin_; }
  std::size_t size() const { return size_; }  ///< 0 where the system gives none.

 private:
  std::byte* begin_ = nullptr;
  std::size_t size_ = 0;
};

/// Blocks of whole pages, each at the lowest address that has room, so that few pages are ever
/// written.
class Blocks {
 public:
  void* take(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(free_.begin(), free_.end(),
                                    [&](const auto& range) { return range.second >= bytes; });
    if (found == free_.end()) return nullptr;
    const auto [offset, size] = *found;
    free_.erase(found);
    if (size > bytes) free_.emplace(offset + bytes, size - bytes);
    return space_.begin() + offset;
  }

  void give_back(void* block, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto offset = static_cast<std::size_t>(static_cast<std::byte*>(block) - space_.begin());
    if (caches_ == 0) forget(offset, bytes);
    join_neighbours(free_.emplace(offset, bytes).first);
  }

  /// Counts one more cache and tells whether it is the only one.
  bool open() {
    const std::lock_guard lock(mutex_);
    return ++caches_ == 1;
  }
  /// Counts one cache less and tells whether none is left.
  bool close() {
    const std::lock_guard lock(mutex_);
    if (--caches_ > 0) return false;
    for (const auto& [offset, size] : free_) forget(offset, size);
    return true;
  }

 private:
  using Ranges = std::map<std::size_t, std::size_t>;  // Offset and size; no two touch.

  void join_neighbours(Ranges::iterator range) {
    const auto next = std::next(range);
    if (next != free_.end() && range->first + range->second == next->first) {
      range->second += next->second;
      free_.erase(next);
    }
    if (range == free_.begin()) return;
    const auto before = std::prev(range);
    if (before->first + before->second == range->first) {
      before->second += range->second;
      free_.erase(range);
    }
  }

  /// Gives the pages back to the system; the addresses stay.
  void forget(std::size_t offset, std::size_t size) const {
    ::madvise(space_.begin() + offset, size, MADV_DONTNEED);
  }

  std::mutex mutex_;
  AddressSpace space_;
  Ranges free_{{0, space_.size()}};
  int caches_ = 0;
};

/// Never destroyed: tensors may outlive everything else.
Blocks& blocks() {
  static auto& blocks = *new Blocks;
  return blocks;
}

struct Lease {
  void* block;
  std::size_t bytes;
};

void end_lease(void* context) {
  const auto* lease = static_cast<Lease*>(context);
  blocks().give_back(lease->block, lease->bytes);
  delete lease;
}

c10::DataPtr lease_block(std::size_t bytes) {
  if (bytes < kLeastBytes) return c10::GetDefaultCPUAllocator()->allocate(bytes);
  auto lease = std::make_unique<Lease>(Lease{nullptr, rounded_up(bytes, kPage)});
  lease->block = blocks().take(lease->bytes);
  if (lease->block == nullptr) return c10::GetDefaultCPUAllocator()->allocate(bytes);
  void* block = lease->block;
  return {block, lease.release(), &end_lease, c10::Device(c10::DeviceType::CPU)};
}

/// LibTorch's interface changed: allocate() was const until 2.1, and copy_data() came with 2.2.
/// Without "override" each of these functions fits the releases that have it.
struct CachingAllocator : c10::Allocator {
  // NOLINTBEGIN(modernize-use-override)
  c10::DataPtr allocate(std::size_t bytes) const { return lease_block(bytes); }
  c10::DataPtr allocate(std::size_t bytes) { return lease_block(bytes); }
  void copy_data(void* to, const void* from, std::size_t bytes) const {
    std::memcpy(to, from, bytes);
  }
  // NOLINTEND(modernize-use-override)
};

}  // namespace

BufferCache::BufferCache() {
  static CachingAllocator allocator;
  if (blocks().open()) c10::SetCPUAllocator(&allocator);
}

BufferCache::~BufferCache() {
  if (blocks().close()) c10::SetCPUAllocator(c10::GetDefaultCPUAllocator());
}

}  // namespace musicvae::models
