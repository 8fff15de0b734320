#pragma once

namespace musicvae::models {

/// While it lives, large CPU tensors of this process take their memory from pages that earlier
/// ones left, huge where the system has them: fresh ones would cost a training step an eighth of
/// its time. Holds what the tensors took at most, with the gaps between them, and lets go when it
/// ends. Caches may be nested.
class BufferCache {
 public:
  BufferCache();
  ~BufferCache();
  BufferCache(const BufferCache&) = delete;
  BufferCache& operator=(const BufferCache&) = delete;
};

}  // namespace musicvae::models
