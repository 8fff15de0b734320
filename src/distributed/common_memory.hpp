#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <torch/types.h>

namespace musicvae {

/// Memory that one process makes, and that others of the same machine and user can open; zeros at
/// first.
class CommonMemory {
 public:
  /// Null where the system gives none.
  static std::shared_ptr<CommonMemory> create(std::size_t bytes);
  /// Opens what another process has created and still keeps; null where it cannot be found.
  static std::shared_ptr<CommonMemory> open(const std::string& name, std::size_t bytes);

  ~CommonMemory();
  CommonMemory(const CommonMemory&) = delete;
  CommonMemory& operator=(const CommonMemory&) = delete;

  const std::string& name() const { return name_; }
  std::byte* data() const { return data_; }

  /// Takes the lock of this number; returns whether it was free. The system releases it when the
  /// process ends, however that happens.
  bool lock(int number) const;
  /// Whether somebody holds this lock; true also where that cannot be told.
  bool is_locked(int number) const;

 private:
  CommonMemory(std::string name, int file, std::size_t bytes)
      : name_(std::move(name)), file_(file), bytes_(bytes) {}
  bool map();

  std::string name_;
  int file_;
  std::size_t bytes_;
  std::byte* data_ = nullptr;
};

/// `count` floats rounded up to whole cache lines: what comes next in memory may be another
/// process's, and so begins a line of its own.
inline std::int64_t whole_lines(std::int64_t count) {
  constexpr std::int64_t kLine = 64 / sizeof(float);
  return (count + kLine - 1) / kLine * kLine;
}

/// The vector of `count` floats in `memory` after the first `skipped`; it keeps the memory.
torch::Tensor floats_in(const std::shared_ptr<CommonMemory>& memory, std::int64_t skipped,
                        std::int64_t count);

}  // namespace musicvae
