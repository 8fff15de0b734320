#pragma once

namespace musicvae::models {

/// While it lives, large CPU tensors of this process reuse the memory of earlier ones, in huge
/// pages if the system has them: fresh pages would cost a training step an eighth of its time. It
/// holds as much memory as tensors took at once, gaps between them included, and gives it back when
/// it ends. Caches may be nested.
class BufferCache {
 public:
  BufferCache();
  ~BufferCache();
  BufferCache(const BufferCache&) = delete;
  BufferCache& operator=(const BufferCache&) = delete;
};

}  // namespace musicvae::models
