#include "src/shared_sum.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <random>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <torch/utils.h>

#include "src/process_group.hpp"
#include "src/process_place.hpp"
#include "src/wait_awake.hpp"

namespace musicvae {
namespace {

/// Of each process's numbers at a time: what its core's cache holds.
constexpr std::size_t kChunkBytes = 1 << 20;

std::string random_name() {
  std::random_device random;
  return "/musicvae-" + std::to_string(random()) + "-" + std::to_string(random());
}

/// A process keeps a lock on the byte of its rank for as long as it lives, whatever ends it.
flock lock_of(int rank) {
  flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = rank;
  lock.l_len = 1;
  return lock;
}

/// How far a process is, in rounds.
struct alignas(64) Progress {
  std::atomic<std::uint64_t> given{0};  ///< Its numbers stand in its part.
  std::atomic<std::uint64_t> added{0};  ///< Its share of all parts is their sum.
  std::atomic<std::uint64_t> taken{0};  ///< It has read the others' parts.
};
using Stage = std::atomic<std::uint64_t> Progress::*;

std::size_t region_bytes(int size) {
  return static_cast<std::size_t>(size) * (sizeof(Progress) + kChunkBytes);
}

}  // namespace

/// Each process's progress, then each one's part of the numbers.
class SharedSum::Region {
 public:
  /// Owns `file`, and `name` where it `made` it.
  Region(std::string name, int file, bool made, int size)
      : name_(std::move(name)), file_(file), linked_(made), size_(size) {}
  ~Region() {
    if (data_ != nullptr) munmap(data_, region_bytes(size_));
    unlink();
    close(file_);
  }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  /// Reserved, not only promised: a full file system would otherwise end whoever writes.
  bool reserve() const {
    return posix_fallocate(file_, 0, static_cast<off_t>(region_bytes(size_))) == 0;
  }
  bool enter(int rank) {
    struct stat status {};
    if (fstat(file_, &status) != 0) return false;
    if (static_cast<std::size_t>(status.st_size) < region_bytes(size_)) return false;
    auto lock = lock_of(rank);
    if (fcntl(file_, F_OFD_SETLK, &lock) != 0) return false;
    void* mapped = mmap(nullptr, region_bytes(size_), PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (mapped == MAP_FAILED) return false;
    data_ = static_cast<std::byte*>(mapped);
    return true;
  }
  void unlink() {
    if (linked_) shm_unlink(name_.c_str());
    linked_ = false;
  }

  const std::string& name() const { return name_; }
  Progress& progress(int rank) const { return reinterpret_cast<Progress*>(data_)[rank]; }
  template <class Value>
  Value* part(int rank) const {
    return reinterpret_cast<Value*>(data_ + static_cast<std::size_t>(size_) * sizeof(Progress) +
                                    static_cast<std::size_t>(rank) * kChunkBytes);
  }

  /// Until all processes are there.
  void await(Stage stage, std::uint64_t round) const {
    for (int rank = 0; rank < size_; ++rank) await(rank, stage, round);
  }

 private:
  void await(int rank, Stage stage, std::uint64_t round) const {
    const auto arrived = [&] { return progress(rank).*stage >= round; };
    if (wait_awake(arrived)) return;
    const auto lost = [rank](const char* how) {
      return LostProcess("lost another process (process " + std::to_string(rank) + " " + how + ")");
    };
    const auto end = std::chrono::steady_clock::now() + kAnswerTime;
    while (!arrived()) {
      // It may have come this far before it went.
      if (!is_there(rank) && !arrived()) throw lost("has ended");
      if (std::chrono::steady_clock::now() > end) throw lost("does not answer");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  bool is_there(int rank) const {
    auto lock = lock_of(rank);
    return fcntl(file_, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
  }

  std::string name_;
  int file_;
  bool linked_;
  int size_;
  std::byte* data_ = nullptr;
};

std::unique_ptr<SharedSum> SharedSum::create(int size) {
  const auto name = random_name();
  const int file = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return nullptr;
  auto region = std::make_unique<Region>(name, file, true, size);
  if (!region->reserve() || !region->enter(0)) return nullptr;
  return std::unique_ptr<SharedSum>(new SharedSum(std::move(region), 0, size));
}

std::unique_ptr<SharedSum> SharedSum::open(const std::string& name, int rank, int size) {
  const int file = shm_open(name.c_str(), O_RDWR | O_CLOEXEC, 0);
  if (file < 0) return nullptr;
  auto region = std::make_unique<Region>(name, file, false, size);
  if (!region->enter(rank)) return nullptr;
  return std::unique_ptr<SharedSum>(new SharedSum(std::move(region), rank, size));
}

SharedSum::SharedSum(std::unique_ptr<Region> region, int rank, int size)
    : region_(std::move(region)), rank_(rank), size_(size) {}
SharedSum::~SharedSum() = default;

const std::string& SharedSum::name() const { return region_->name(); }
void SharedSum::unlink() { region_->unlink(); }

bool SharedSum::takes(const torch::Tensor& tensor) {
  const auto type = tensor.scalar_type();
  return tensor.is_cpu() && (type == torch::kFloat || type == torch::kDouble);
}

void SharedSum::add(const torch::Tensor& tensor) {
  TORCH_CHECK(takes(tensor) && tensor.is_contiguous(), "a sum of such a tensor is not known here");
  if (tensor.scalar_type() == torch::kFloat) {
    add(tensor.data_ptr<float>(), tensor.numel());
  } else {
    add(tensor.data_ptr<double>(), tensor.numel());
  }
}

template <class Value>
void SharedSum::add(Value* values, std::int64_t count) {
  constexpr std::int64_t kChunk = kChunkBytes / sizeof(Value);
  for (std::int64_t first = 0; first < count; first += kChunk) {
    add_chunk(values + first, std::min(kChunk, count - first));
  }
}

/// Each process adds up its share of the numbers, and takes the others' shares from them.
template <class Value>
void SharedSum::add_chunk(Value* values, std::int64_t count) {
  ++round_;
  auto& progress = region_->progress(rank_);
  Value* const own = region_->part<Value>(rank_);
  region_->await(&Progress::taken, round_ - 1);
  std::copy(values, values + count, own);
  progress.given = round_;

  region_->await(&Progress::given, round_);
  const auto share = share_of(count, rank_, size_);
  for (int rank = 0; rank < size_; ++rank) {
    if (rank == rank_) continue;
    const Value* const other = region_->part<Value>(rank);
    for (std::int64_t i = share.first; i < share.first + share.count; ++i) own[i] += other[i];
  }
  progress.added = round_;

  region_->await(&Progress::added, round_);
  for (int rank = 0; rank < size_; ++rank) {
    const auto part = share_of(count, rank, size_);
    const Value* const sum = region_->part<Value>(rank) + part.first;
    std::copy(sum, sum + part.count, values + part.first);
  }
  progress.taken = round_;
}

}  // namespace musicvae
