#pragma once

namespace musicvae::models {

/// While it lives, large CPU tensors of this process take their memory from blocks that earlier
/// ones left, in huge pages where the system has them. A training step asks for the same sizes each
/// time, and fresh pages cost it an eighth of its time. Holds no more than the tensors themselves
/// did at most, and lets go when it ends. Caches may be nested.
class BufferCache {
 public:
  BufferCache();
  ~BufferCache();
  BufferCache(const BufferCache&) = delete;
  BufferCache& operator=(const BufferCache&) = delete;
};

}  // namespace musicvae::models
