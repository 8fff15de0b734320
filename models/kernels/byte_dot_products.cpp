#include "models/kernels/byte_dot_products.hpp"

#include <cstring>
#include <stdexcept>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace musicvae::models {

#if defined(__x86_64__)
namespace {

constexpr std::int64_t kLanes = 16;
constexpr int kVectors = ByteBlocks::kColumns / kLanes;
/// GCC 12 takes the conversion without a mask for one of something uninitialised.
constexpr __mmask16 kAllLanes = 0xffff;

#define MUSICVAE_VNNI __attribute__((target("avx512f,avx512vnni")))

/// Sums of products with 64 columns.
template <int kRows>
using Sums = __m512i[kRows][kVectors];

template <int kRows>
MUSICVAE_VNNI void add_products(const std::int8_t* values, std::int64_t inner, const std::int8_t* a,
                                Sums<kRows>& sums) {
  constexpr auto kGroup = ByteBlocks::kGroup;
  const auto shift = _mm512_set1_epi8(static_cast<char>(ByteBlocks::kShift));
  for (std::int64_t k = 0; k < inner; k += kGroup, values += kGroup * ByteBlocks::kColumns) {
    for (int r = 0; r < kRows; ++r) {
      std::int32_t group;
      std::memcpy(&group, a + r * inner + k, sizeof group);
      const auto x = _mm512_xor_si512(_mm512_set1_epi32(group), shift);
      for (int v = 0; v < kVectors; ++v) {
        const auto columns = _mm512_loadu_si512(values + kGroup * v * kLanes);
        sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], x, columns);
      }
    }
  }
}

/// 16 of them.
MUSICVAE_VNNI void write_sums(__m512i sums, float row_scale, const float* scales, bool accumulate,
                              float* out) {
  const auto by = _mm512_mul_ps(_mm512_set1_ps(row_scale), _mm512_loadu_ps(scales));
  const auto start = accumulate ? _mm512_loadu_ps(out) : _mm512_setzero_ps();
  const auto floats = _mm512_maskz_cvtepi32_ps(kAllLanes, sums);
  _mm512_storeu_ps(out, _mm512_fmadd_ps(floats, by, start));
}

template <int kRows>
MUSICVAE_VNNI void multiply_rows(const ByteBlocks& factor, const std::int8_t* a,
                                 const float* row_scales, bool accumulate, float* out) {
  constexpr auto kBlock = ByteBlocks::kRows;
  const auto stored_inner = (factor.inner + kBlock - 1) / kBlock * kBlock;
  for (std::int64_t column = 0; column < factor.columns; column += ByteBlocks::kColumns) {
    Sums<kRows> sums;
    for (auto& row : sums) {
      for (int v = 0; v < kVectors; ++v) {
        row[v] = _mm512_loadu_si512(factor.starts + column + v * kLanes);
      }
    }
    add_products<kRows>(factor.values + column * stored_inner, factor.inner, a, sums);
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        const auto at = column + v * kLanes;
        write_sums(sums[r][v], row_scales[r], factor.scales + at, accumulate,
                   out + r * factor.columns + at);
      }
    }
  }
}

}  // namespace

bool has_byte_dot_products() { return true; }

void multiply_few_rows(const ByteBlocks& factor, const std::int8_t* a, const float* row_scales,
                       std::int64_t rows, bool accumulate, float* out) {
  switch (rows) {
    case 1:
      return multiply_rows<1>(factor, a, row_scales, accumulate, out);
    case 2:
      return multiply_rows<2>(factor, a, row_scales, accumulate, out);
    case kMostDotRows:
      return multiply_rows<kMostDotRows>(factor, a, row_scales, accumulate, out);
    default:
      throw std::logic_error("too many rows for dot products");
  }
}

#else

bool has_byte_dot_products() { return false; }

void multiply_few_rows(const ByteBlocks&, const std::int8_t*, const float*, std::int64_t, bool,
                       float*) {
  throw std::logic_error("dot products of bytes are not built in");
}

#endif

}  // namespace musicvae::models
