#include "models/buffer_cache.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace musicvae::models {
namespace {

/// Smaller blocks are left to malloc, which keeps their pages by itself.
constexpr std::size_t kLeastBytes = std::size_t{1} << 17;
constexpr std::size_t kHugePage = std::size_t{1} << 21;

/// Sizes are rounded up, by a 32nd at most, so that batches of nearly the same shape share
/// blocks.
std::size_t rounded(std::size_t bytes) {
  std::size_t granule = kLeastBytes / 32;
  while (granule * 64 < bytes) granule *= 2;
  return (bytes + granule - 1) / granule * granule;
}

void* fresh_block(std::size_t bytes) {
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
  void* block = std::aligned_alloc(alignment, whole);
  if (block == nullptr) throw std::bad_alloc();
#ifdef __linux__
  if (bytes >= kHugePage) madvise(block, whole, MADV_HUGEPAGE);  // Only a wish.
#endif
  return block;
}

/// Blocks in use and free ones, by size.
class Blocks {
 public:
  void* take(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    in_use_ += bytes;
    peak_ = std::max(peak_, in_use_);
    if (const auto found = free_.find(bytes); found != free_.end()) {
      void* block = found->second;
      free_.erase(found);
      free_bytes_ -= bytes;
      return block;
    }
    shrink_to(peak_ - in_use_);
    return fresh_block(bytes);
  }

  void give_back(void* block, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    in_use_ -= bytes;
    if (caches_ == 0) return std::free(block);
    free_.emplace(bytes, block);
    free_bytes_ += bytes;
  }

  /// Whether this was the first cache.
  bool open() {
    const std::lock_guard lock(mutex_);
    return ++caches_ == 1;
  }
  /// Whether this was the last one.
  bool close() {
    const std::lock_guard lock(mutex_);
    if (--caches_ > 0) return false;
    shrink_to(0);
    peak_ = in_use_;
    return true;
  }

 private:
  /// The largest go first: they are the fewest calls.
  void shrink_to(std::size_t bytes) {
    while (free_bytes_ > bytes) {
      const auto largest = std::prev(free_.end());
      free_bytes_ -= largest->first;
      std::free(largest->second);
      free_.erase(largest);
    }
  }

  std::mutex mutex_;
  std::multimap<std::size_t, void*> free_;
  std::size_t free_bytes_ = 0;
  std::size_t in_use_ = 0;
  std::size_t peak_ = 0;
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
  auto lease = std::make_unique<Lease>(Lease{nullptr, rounded(bytes)});
  lease->block = blocks().take(lease->bytes);
  void* block = lease->block;
  return {block, lease.release(), &end_lease, c10::Device(c10::DeviceType::CPU)};
}

/// LibTorch's interface changed: allocate() was const until 2.1, copy_data() came with 2.2. Each
/// release overrides what it knows of this.
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
