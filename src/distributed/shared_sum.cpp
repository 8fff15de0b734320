#include "src/distributed/shared_sum.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <torch/utils.h>

#include "src/base/wait_awake.hpp"
#include "src/distributed/process_group.hpp"
#include "src/distributed/process_place.hpp"

namespace musicvae {
namespace {

/// How many bytes of each process are copied at a time, where they must be copied.
constexpr std::size_t kChunkBytes = 1 << 20;
/// How many numbers are added and given out at a time, while the core's nearest cache holds them.
constexpr std::int64_t kBlock = 2048;

}  // namespace

/// How often a process has met the others.
struct alignas(64) SharedSum::Progress {
  std::atomic<std::uint64_t> round;
};

std::size_t SharedSum::bytes(int size) {
  return static_cast<std::size_t>(size) * (sizeof(Progress) + kChunkBytes);
}

/// A process keeps the lock of its rank for as long as it lives.
std::unique_ptr<SharedSum> SharedSum::join(std::shared_ptr<CommonMemory> memory, int rank,
                                           int size) {
  if (!memory->lock(rank)) return nullptr;
  return std::unique_ptr<SharedSum>(new SharedSum(std::move(memory), rank, size));
}

SharedSum::Progress& SharedSum::progress(int rank) const {
  return reinterpret_cast<Progress*>(memory_->data())[rank];
}

torch::Tensor SharedSum::summable(const std::shared_ptr<CommonMemory>& memory, std::int64_t count) {
  Row row{floats_in(memory, rank_ * whole_lines(count), count), {}};
  for (int rank = 0; rank < size_; ++rank) {
    row.parts.push_back(reinterpret_cast<float*>(memory->data()) + rank * whole_lines(count));
  }
  rows_.push_back(row);
  return row.vector;
}

bool SharedSum::takes(const torch::TensorOptions& options) {
  return options.device().is_cpu() &&
         (options.dtype() == torch::kFloat || options.dtype() == torch::kDouble);
}

void SharedSum::add(const torch::Tensor& tensor) {
  TORCH_CHECK(takes(tensor.options()) && tensor.is_contiguous(),
              "a sum of such a tensor is not known here");
  for (const Row& row : rows_) {
    if (!tensor.is_alias_of(row.vector)) continue;
    auto parts = row.parts;
    for (float*& part : parts) part += tensor.storage_offset();
    return sum(parts, tensor.numel());
  }
  if (tensor.scalar_type() == torch::kFloat) {
    add_copy(tensor.data_ptr<float>(), tensor.numel());
  } else {
    add_copy(tensor.data_ptr<double>(), tensor.numel());
  }
}

template <class Value>
void SharedSum::add_copy(Value* values, std::int64_t count) {
  constexpr std::int64_t kChunk = kChunkBytes / sizeof(Value);
  std::vector<Value*> parts;
  for (int rank = 0; rank < size_; ++rank) {
    parts.push_back(reinterpret_cast<Value*>(&progress(size_)) + rank * kChunk);
  }
  Value* const own = parts[static_cast<std::size_t>(rank_)];
  for (std::int64_t first = 0; first < count; first += kChunk) {
    const auto size = std::min(kChunk, count - first);
    std::copy(values + first, values + first + size, own);
    sum(parts, size);
    std::copy(own, own + size, values + first);
  }
}

/// Each process adds up its share of the numbers, and gives the sum to all.
template <class Value>
void SharedSum::sum(const std::vector<Value*>& parts, std::int64_t count) {
  meet();
  const auto share = share_of(count, rank_, size_);
  const auto end = share.first + share.count;
  for (auto first = share.first; first < end; first += kBlock) {
    const auto size = std::min(kBlock, end - first);
    Value* const total = parts[0] + first;
    for (std::size_t other = 1; other < parts.size(); ++other) {
      for (std::int64_t i = 0; i < size; ++i) total[i] += parts[other][first + i];
    }
    for (std::size_t other = 1; other < parts.size(); ++other) {
      std::copy(total, total + size, parts[other] + first);
    }
  }
  meet();
}

void SharedSum::meet() {
  progress(rank_).round = ++round_;
  for (int rank = 0; rank < size_; ++rank) await(rank);
}

void SharedSum::await(int rank) const {
  const auto arrived = [&] { return progress(rank).round >= round_; };
  if (wait_awake(arrived)) return;
  const auto lost = [rank](const char* how) {
    return LostProcess("lost another process (process " + std::to_string(rank) + " " + how + ")");
  };
  const auto end = std::chrono::steady_clock::now() + kAnswerTime;
  while (!arrived()) {
    // A process that has ended may have arrived here before.
    if (!memory_->is_locked(rank) && !arrived()) throw lost("has ended");
    if (std::chrono::steady_clock::now() > end) throw lost("does not answer");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace musicvae
