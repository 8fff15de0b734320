#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <torch/types.h>

namespace musicvae {

/// Memory of one process that others of the machine and the same user see as well; zeros at first.
class CommonMemory {
 public:
  /// Null where the system gives none.
  static std::shared_ptr<CommonMemory> create(std::size_t bytes);
  /// What another process created and still keeps, by its name; null where that is not to be found.
  static std::shared_ptr<CommonMemory> open(const std::string& name, std::size_t bytes);

  ~CommonMemory();
  CommonMemory(const CommonMemory&) = delete;
  CommonMemory& operator=(const CommonMemory&) = delete;

  const std::string& name() const { return name_; }
  std::byte* data() const { return data_; }

  /// Takes the lock of this number, which the system takes back however the process ends; whether
  /// it was free.
  bool lock(int number) const;
  /// Whether another holds it, or that cannot be told.
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

/// At least `count` floats, up to the end of a line of the cache: what comes next in memory begins
/// with one, and may be another process's.
inline std::int64_t whole_lines(std::int64_t count) {
  constexpr std::int64_t kLine = 64 / sizeof(float);
  return (count + kLine - 1) / kLine * kLine;
}

/// A vector of floats in `memory`, which it keeps, after the first `skipped` there.
torch::Tensor floats_in(const std::shared_ptr<CommonMemory>& memory, std::int64_t skipped,
                        std::int64_t count);

}  // namespace musicvae
