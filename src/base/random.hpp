#pragma once

#include <cstdint>

namespace musicvae {

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): numbers that depend on the seed alone. The
/// standard library's distributions are left aside because they differ between implementations.
class SplitMix64 {
 public:
  explicit constexpr SplitMix64(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t bits = state_ += kStep;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
  }
  /// In [0, 1).
  constexpr double uniform() { return double(next() >> 11) * 0x1p-53; }
  /// In [0, limit).
  constexpr int below(int limit) { return int(uniform() * limit); }
  /// Leaves out the next `count` numbers.
  constexpr void discard(std::uint64_t count) { state_ += kStep * count; }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15u;

  std::uint64_t state_;
};

}  // namespace musicvae
