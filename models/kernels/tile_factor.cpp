#include "models/kernels/tile_factor.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "models/kernels/threads.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace musicvae::models {

#if defined(__x86_64__)
namespace {

#define MUSICVAE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define MUSICVAE_AMX __attribute__((target("amx-tile,amx-bf16")))

constexpr auto kTileRows = TileFactor::kTileRows;
constexpr auto kTileInner = TileFactor::kTileInner;
constexpr auto kPanelLines = TileFactor::kPanelLines;

struct Tile {
  __m512i rows[kTileRows];
};

/// A mask of the first `count` of a vector's lanes.
constexpr std::uint32_t lanes_before(std::int64_t count, std::int64_t lanes) {
  const auto bits = std::clamp<std::int64_t>(count, 0, lanes);
  return static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1);
}

MUSICVAE_AVX512 __m512i round_halves(__m512 first, __m512 second) {
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
}

/// Loads 32 values that follow each other, with zeros after the first `count`.
MUSICVAE_AVX512 __m512i load_run(const BFloat16* from, std::int64_t count) {
  return _mm512_maskz_loadu_epi16(lanes_before(count, 32), from);
}
MUSICVAE_AVX512 __m512i load_run(const float* from, std::int64_t count) {
  const auto first = _mm512_maskz_loadu_ps(lanes_before(count, 16), from);
  const auto second = _mm512_maskz_loadu_ps(lanes_before(count - 16, 16), from + 16);
  return round_halves(first, second);
}

/// Loads 16 values of one row, then 16 of another, with zeros after the first so many of each.
MUSICVAE_AVX512 __m512i load_two(const BFloat16* first, const BFloat16* second,
                                 std::int64_t first_count, std::int64_t second_count) {
  const auto low = _mm256_maskz_loadu_epi16(lanes_before(first_count, 16), first);
  const auto high = _mm256_maskz_loadu_epi16(lanes_before(second_count, 16), second);
  return _mm512_maskz_inserti64x4(0xff, _mm512_castsi256_si512(low), high, 1);
}
MUSICVAE_AVX512 __m512i load_two(const float* first, const float* second, std::int64_t first_count,
                                 std::int64_t second_count) {
  return round_halves(_mm512_maskz_loadu_ps(lanes_before(first_count, 16), first),
                      _mm512_maskz_loadu_ps(lanes_before(second_count, 16), second));
}

/// A permutation of lanes: result lane i takes lane pick(i). Where two vectors are permuted, the
/// second one's lanes count from `lanes` on.
template <class Index, std::size_t lanes, class Pick>
constexpr auto indices(const Pick& pick) {
  struct alignas(64) {
    std::array<Index, lanes> values;
  } result{};
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    result.values[lane] = static_cast<Index>(pick(lane));
  }
  return result;
}

/// Turns two rows, one in each half, into pairs of a value of the first and one of the second.
MUSICVAE_AVX512 __m512i interleave(__m512i two_rows) {
  static constexpr auto kOrder = indices<std::uint16_t, 32>(
      [](std::size_t lane) { return lane / 2 + (lane % 2 == 0 ? 0 : 16); });
  return _mm512_maskz_permutexvar_epi16(~0U, _mm512_load_si512(&kOrder), two_rows);
}

/// Exchanges the blocks above and below the diagonal in each square of 2 kSize by 2 kSize.
template <std::size_t kSize>
MUSICVAE_AVX512 void exchange(Tile& tile) {
  static constexpr auto kUpper = indices<std::uint32_t, 16>(
      [](std::size_t lane) { return lane & kSize ? 16 + lane - kSize : lane; });
  static constexpr auto kLower = indices<std::uint32_t, 16>(
      [](std::size_t lane) { return lane & kSize ? 16 + lane : lane + kSize; });
  const auto upper = _mm512_load_si512(&kUpper);
  const auto lower = _mm512_load_si512(&kLower);
  for (std::size_t i = 0; i < 16; ++i) {
    if (i & kSize) continue;
    const auto first = tile.rows[i];
    const auto second = tile.rows[i + kSize];
    tile.rows[i] = _mm512_permutex2var_epi32(first, upper, second);
    tile.rows[i + kSize] = _mm512_permutex2var_epi32(first, lower, second);
  }
}

/// Transposes a tile of 16 by 16 pairs of values.
MUSICVAE_AVX512 void transpose(Tile& tile) {
  exchange<8>(tile);
  exchange<4>(tile);
  exchange<2>(tile);
  exchange<1>(tile);
}

/// Part of a matrix, no larger than a tile. A run is a number of values that lie side by side.
template <class Value>
struct TilePart {
  const Value* data;
  std::int64_t stride;
  std::int64_t runs;
  std::int64_t run_length;
};

/// Loads a part whose runs go along the inner dimension: each becomes a row of the tile.
template <class Value>
MUSICVAE_AVX512 void load_runs(const TilePart<Value>& part, Tile& tile) {
  for (std::int64_t i = 0; i < kTileRows; ++i) {
    tile.rows[i] = i < part.runs ? load_run(part.data + i * part.stride, part.run_length)
                                 : _mm512_setzero_si512();
  }
}

/// Loads a part whose runs go along the lines: the values of two runs, paired, become a row of the
/// tile. Runs are short and far apart, so that the processor cannot foresee that the same lines'
/// next runs will be read; they are fetched here.
template <class Value>
MUSICVAE_AVX512 void load_pairs(const TilePart<Value>& part, Tile& tile) {
  for (std::int64_t i = 0; i < kTileRows; ++i) {
    const auto* const first = part.data + 2 * i * part.stride;
    __builtin_prefetch(first + kTileInner * part.stride);
    __builtin_prefetch(first + (kTileInner + 1) * part.stride);
    tile.rows[i] = 2 * i < part.runs
                       ? interleave(load_two(first, first + part.stride, part.run_length,
                                             2 * i + 1 < part.runs ? part.run_length : 0))
                       : _mm512_setzero_si512();
  }
}

MUSICVAE_AVX512 void store(const Tile& tile, TileFactor::Row* to) {
  for (std::int64_t i = 0; i < kTileRows; ++i) _mm512_store_si512(to + i, tile.rows[i]);
}

/// A matrix that is to be laid out. `along_inner` says whether its runs go along the inner
/// dimension, `transposes` whether its tiles are transposed after loading.
template <class Value>
struct UnpackedFactor {
  MatrixOf<Value> matrix;
  std::int64_t lines;
  std::int64_t inner;
  bool along_inner;
  bool transposes;

  MUSICVAE_AVX512 void lay_out(std::int64_t line, std::int64_t k, TileFactor::Row* to) const {
    Tile tile;
    if (along_inner) {
      load_runs<Value>(
          {matrix.data + line * matrix.stride + k, matrix.stride, lines - line, inner - k}, tile);
    } else {
      load_pairs<Value>(
          {matrix.data + k * matrix.stride + line, matrix.stride, inner - k, lines - line}, tile);
    }
    if (transposes) transpose(tile);
    store(tile, to);
  }
};

/// Lays out one of `parts` parts of the factor's tiles, in the order in which the matrix is stored.
template <class Value>
void lay_out_part(const UnpackedFactor<Value>& source, std::int64_t part, std::int64_t parts,
                  TileFactor::Row* rows) {
  const auto panels = ceil_div(source.lines, kPanelLines);
  const auto steps = ceil_div(source.inner, kTileInner);
  const auto pair = [&](std::int64_t panel, std::int64_t step) {
    auto* const to = rows + (panel * steps + step) * kPanelLines;
    source.lay_out(panel * kPanelLines, step * kTileInner, to);
    source.lay_out(panel * kPanelLines + kTileRows, step * kTileInner, to + kTileRows);
  };
  if (source.along_inner) {
    for (auto panel = panels * part / parts; panel < panels * (part + 1) / parts; ++panel) {
      for (std::int64_t step = 0; step < steps; ++step) pair(panel, step);
    }
  } else {
    for (auto step = steps * part / parts; step < steps * (part + 1) / parts; ++step) {
      for (std::int64_t panel = 0; panel < panels; ++panel) pair(panel, step);
    }
  }
}

/// The operand of the instruction LDTILECFG.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::array<std::uint8_t, 14> reserved{};
  std::array<std::uint16_t, 16> row_bytes{64, 64, 64, 64, 64, 64, 64, 64};
  std::array<std::uint8_t, 16> rows{16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);
constexpr TileConfig kConfig;

constexpr std::int64_t kRowBytes = sizeof(TileFactor::Row);

/// A product of up to 32 rows with up to 32 columns.
struct Part {
  const TileFactor::Row* left;
  const TileFactor::Row* right;
  std::int64_t inner_tiles;
  std::int64_t rows;
  std::int64_t columns;
  float* out;
  std::int64_t out_stride;
  bool add;
  /// Memory that the next parts will need and the second-level cache does not hold yet. It is
  /// fetched meanwhile: with each pair of tiles, right_ahead_count rows of the right-hand factor
  /// and a pair of the left-hand one. Each pointer may be null.
  const TileFactor::Row* right_ahead;
  std::int64_t right_ahead_count;
  const TileFactor::Row* left_ahead;
  float* out_ahead;
};

/// Fetches what belongs to step `k` of the part's inner dimension. It is always inlined, as GCC
/// drops calls of a function that only fetches.
__attribute__((always_inline)) inline void fetch_ahead(const Part& part, std::int64_t k) {
  constexpr int kSecondLevel = 2, kFirstLevel = 3;
  const auto* const right = part.right_ahead + k * part.right_ahead_count;
  for (std::int64_t i = 0; i < part.right_ahead_count; ++i) {
    __builtin_prefetch(right + i, 0, kSecondLevel);
  }
  if (part.left_ahead) {
    const auto* const left = part.left_ahead + k * kPanelLines;
    for (std::int64_t i = 0; i < kPanelLines; ++i) __builtin_prefetch(left + i, 0, kSecondLevel);
  }
  if (part.out_ahead && 2 * k < kPanelLines) {
    float* const out = part.out_ahead + 2 * k * part.out_stride;
    for (float* const row : {out, out + part.out_stride}) {
      __builtin_prefetch(row, 1, kFirstLevel);
      __builtin_prefetch(row + kTileRows, 1, kFirstLevel);
    }
  }
}

/// Tile registers 0 to 3 hold sums, 4 and 5 rows, 6 and 7 columns.
template <bool kTwoRows, bool kTwoColumns>
MUSICVAE_AMX void multiply_whole(const Part& part) {
  const auto bytes = static_cast<std::int64_t>(part.out_stride * sizeof(float));
  float* const out = part.out;
  float* const lower = out + kTileRows * part.out_stride;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  if (part.add) {
    _tile_loadd(0, out, bytes);
    if constexpr (kTwoColumns) _tile_loadd(1, out + kTileRows, bytes);
    if constexpr (kTwoRows) _tile_loadd(2, lower, bytes);
    if constexpr (kTwoRows && kTwoColumns) _tile_loadd(3, lower + kTileRows, bytes);
  }
  const auto* left = part.left;
  const auto* right = part.right;
  for (std::int64_t k = 0; k < part.inner_tiles; ++k, left += kPanelLines, right += kPanelLines) {
    // On a busy host alternating loads and products costs a sixth.
    _tile_loadd(4, left, kRowBytes);
    if constexpr (kTwoRows) _tile_loadd(5, left + kTileRows, kRowBytes);
    _tile_loadd(6, right, kRowBytes);
    if constexpr (kTwoColumns) _tile_loadd(7, right + kTileRows, kRowBytes);
    fetch_ahead(part, k);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kTwoColumns) _tile_dpbf16ps(1, 4, 7);
    if constexpr (kTwoRows) _tile_dpbf16ps(2, 5, 6);
    if constexpr (kTwoRows && kTwoColumns) _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, out, bytes);
  if constexpr (kTwoColumns) _tile_stored(1, out + kTileRows, bytes);
  if constexpr (kTwoRows) _tile_stored(2, lower, bytes);
  if constexpr (kTwoRows && kTwoColumns) _tile_stored(3, lower + kTileRows, bytes);
}

/// Multiplies a part whose `out` has room for whole tiles.
void multiply_tiles_of(const Part& part) {
  const bool two_columns = part.columns > kTileRows;
  if (part.rows > kTileRows) {
    (two_columns ? multiply_whole<true, true> : multiply_whole<true, false>)(part);
  } else {
    (two_columns ? multiply_whole<false, true> : multiply_whole<false, false>)(part);
  }
}

void copy_block(const float* from, std::int64_t from_stride, std::int64_t rows,
                std::int64_t columns, float* to, std::int64_t to_stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    std::copy_n(from + r * from_stride, columns, to + r * to_stride);
  }
}

void multiply_part(const Part& part) {
  if (part.rows % kTileRows == 0 && part.columns % kTileRows == 0) {
    multiply_tiles_of(part);
    return;
  }
  alignas(64) std::array<float, kPanelLines * kPanelLines> sums;
  auto within = part;
  within.out = sums.data();
  within.out_stride = kPanelLines;
  if (part.add) {
    copy_block(part.out, part.out_stride, part.rows, part.columns, sums.data(), kPanelLines);
  }
  multiply_tiles_of(within);
  copy_block(sums.data(), kPanelLines, part.rows, part.columns, part.out, part.out_stride);
}

/// While it lives, this thread's tile registers are in use.
struct Tiles {
  MUSICVAE_AMX Tiles() { _tile_loadconfig(&kConfig); }
  MUSICVAE_AMX ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
};

}  // namespace

void TileFactor::lay_out(const FactorView& matrix, std::int64_t part, std::int64_t parts) {
  std::visit(
      [&]<class Value>(const MatrixOf<Value>& view) {
        const bool along_inner = view.transposed == (side_ == Side::kRight);
        lay_out_part<Value>({view, lines_, inner_, along_inner, view.transposed}, part, parts,
                            rows_);
      },
      matrix);
}

void multiply_tiles(const TileRange& left, const TileRange& right, std::int64_t inner,
                    bool accumulate, float* out, std::int64_t out_stride) {
  // The compiler does not know that loading a tile reads memory.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  const Tiles tiles;
  const auto row_panels = ceil_div(left.lines, kPanelLines);
  for (std::int64_t column = 0; column < right.lines; column += kPanelLines) {
    const auto next_column = column + kPanelLines;
    const bool last_column = next_column >= right.lines;
    Part part{};
    part.right = right.factor.pair(right.line + column, right.k);
    part.inner_tiles = ceil_div(inner, kTileInner);
    part.columns = std::min(kPanelLines, right.lines - column);
    part.out_stride = out_stride;
    part.add = accumulate;
    if (!last_column) {
      part.right_ahead = right.factor.pair(right.line + next_column, right.k);
      part.right_ahead_count = ceil_div(kPanelLines, row_panels);
    }
    for (std::int64_t row = 0; row < left.lines; row += kPanelLines) {
      const auto next_row = row + kPanelLines;
      const bool last_row = next_row >= left.lines;
      part.left = left.factor.pair(left.line + row, left.k);
      part.rows = std::min(kPanelLines, left.lines - row);
      part.out = out + row * out_stride + column;
      const bool left_is_new = column == 0 && !last_row;
      part.left_ahead = left_is_new ? left.factor.pair(left.line + next_row, left.k) : nullptr;
      // What is added to was written not long ago.
      part.out_ahead = accumulate     ? nullptr
                       : !last_row    ? part.out + kPanelLines * out_stride
                       : !last_column ? out + next_column
                                      : nullptr;
      multiply_part(part);
      part.right_ahead += part.right_ahead_count * part.inner_tiles;
    }
  }
}

#else

void TileFactor::lay_out(const FactorView&, std::int64_t, std::int64_t) {
  throw std::logic_error("tiles are not built in");
}

void multiply_tiles(const TileRange&, const TileRange&, std::int64_t, bool, float*, std::int64_t) {
  throw std::logic_error("tiles are not built in");
}

#endif

void TileFactor::resize(std::int64_t lines, std::int64_t inner) {
  lines_ = lines;
  inner_ = inner;
  if (rows_ != own_.data()) return;
  const auto needed = static_cast<std::size_t>(rows_for(lines, inner));
  if (own_.size() < needed) own_.resize(needed);
  rows_ = own_.data();
}

void TileFactor::assign(const FactorView& matrix, std::int64_t lines, std::int64_t inner) {
  resize(lines, inner);
  lay_out(matrix, 0, 1);
}

void TileFactor::assign_by_all(const FactorView& matrix, std::int64_t lines, std::int64_t inner) {
  resize(lines, inner);
  const int parts = 4 * thread_count();
  run_tasks(parts, [&](int part) { lay_out(matrix, part, parts); });
}

}  // namespace musicvae::models
