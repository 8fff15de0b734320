#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/gemm.hpp"

namespace musicvae::models {

/// One of the two factors of a product, rounded to bfloat16 and laid out for AMX's tiles: panels of
/// 32 lines (a left-hand factor's rows, a right-hand one's columns), in each two tiles of 16 lines
/// for every 32 values of the inner dimension, with zeros where the matrix ends. Only where
/// bfloat16_products_are_fast().
class TileFactor {
 public:
  enum class Side { kLeft, kRight };

  /// What fills a row of a tile.
  struct alignas(64) Row {
    std::array<BFloat16, 32> values;
  };
  static constexpr std::int64_t kTileRows = 16;
  static constexpr std::int64_t kTileInner = 32;
  static constexpr std::int64_t kPanelLines = 32;

  explicit TileFactor(Side side) : side_(side) {}

  /// Takes the first `lines` rows or columns of `matrix`, `inner` values of each. Values that are
  /// too small for a normal number become 0, as in the product. Keeps its memory for the next.
  void assign(const FactorView& matrix, std::int64_t lines, std::int64_t inner);

  std::int64_t lines() const { return lines_; }
  std::int64_t inner() const { return inner_; }
  /// Pairs of tiles one after the other, of the panel that begins with `line`.
  const Row* panel(std::int64_t line) const { return rows_.data() + line * inner_tiles(); }
  std::int64_t inner_tiles() const { return (inner_ + kTileInner - 1) / kTileInner; }

 private:
  Side side_;
  std::int64_t lines_ = 0;
  std::int64_t inner_ = 0;
  std::vector<Row> rows_;  ///< May be more than are in use.
};

/// out [left lines, right lines] = left right, or out += left right; sums are float. One row's sums
/// do not depend on the others. Meant for use within run_tasks(): one thread.
void multiply_tiles(const TileFactor& left, const TileFactor& right, bool accumulate, float* out,
                    std::int64_t out_stride);

}  // namespace musicvae::models
