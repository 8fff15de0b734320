#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/kernels/gemm.hpp"
#include "src/base/ceil_div.hpp"

namespace musicvae::models {

/// One of the two factors of a product, rounded to bfloat16 and laid out for AMX's tiles. A line is
/// a row of a left-hand factor or a column of a right-hand one. Lines come in panels of 32, and a
/// panel holds two tiles of 16 lines for every 32 values of the inner dimension, with zeros where
/// the matrix ends. For use only where bfloat16_products_are_fast().
class TileFactor {
 public:
  enum class Side { kLeft, kRight };

  /// The values in a row of a tile.
  struct alignas(64) Row {
    std::array<BFloat16, 32> values;
  };
  static constexpr std::int64_t kTileRows = 16;
  static constexpr std::int64_t kTileInner = 32;
  static constexpr std::int64_t kPanelLines = 32;

  /// The factor has memory of its own, which it keeps for the next matrix.
  explicit TileFactor(Side side) : side_(side) {}
  /// The factor lies in its user's memory of at least rows_for() rows.
  TileFactor(Side side, Row* memory) : side_(side), rows_(memory) {}
  TileFactor(TileFactor&&) = default;
  TileFactor& operator=(TileFactor&&) = default;

  static std::int64_t rows_for(std::int64_t lines, std::int64_t inner) {
    return ceil_div(lines, kPanelLines) * ceil_div(inner, kTileInner) * kPanelLines;
  }

  /// Takes the first `lines` rows or columns of `matrix`, `inner` values of each. Denormal values
  /// become 0, as they do in the product.
  void assign(const FactorView& matrix, std::int64_t lines, std::int64_t inner);
  /// The same by all threads; not within run_tasks().
  void assign_by_all(const FactorView& matrix, std::int64_t lines, std::int64_t inner);

  std::int64_t lines() const { return lines_; }
  std::int64_t inner() const { return inner_; }

  /// The pair of tiles that begins at `line`, a multiple of kPanelLines, and at value `k` of the
  /// inner dimension, a multiple of kTileInner. The pairs for the panel's later values follow it.
  const Row* pair(std::int64_t line, std::int64_t k) const {
    return rows_ + line * inner_tiles() + k / kTileInner * kPanelLines;
  }

 private:
  void resize(std::int64_t lines, std::int64_t inner);
  /// Lays out one of `parts` parts; each may be another thread's.
  void lay_out(const FactorView& matrix, std::int64_t part, std::int64_t parts);
  std::int64_t inner_tiles() const { return ceil_div(inner_, kTileInner); }

  Side side_;
  std::int64_t lines_ = 0;
  std::int64_t inner_ = 0;
  Row* rows_ = nullptr;
  std::vector<Row> own_;  ///< The factor's own memory, or empty; may be larger than what is in use.
};

/// Part of a factor: `lines` lines that begin at `line`, a multiple of kPanelLines, and their
/// values from `k` on, a multiple of kTileInner.
struct TileRange {
  const TileFactor& factor;
  std::int64_t line;
  std::int64_t lines;
  std::int64_t k;
};

/// out [left lines, right lines] = left right, or out += left right, over `inner` values of each
/// line. Sums are float, and a row's sums do not depend on the rows beside it. Uses this thread
/// alone.
void multiply_tiles(const TileRange& left, const TileRange& right, std::int64_t inner,
                    bool accumulate, float* out, std::int64_t out_stride);

}  // namespace musicvae::models
