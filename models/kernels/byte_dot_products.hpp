#pragma once

#include <cstdint>

namespace musicvae::models {

/// A right-hand factor of bytes in oneDNN's layout BA16a64b4a: one run of 64 columns after the
/// other, in each one group of four rows after the other, in each column by column. Rows are filled
/// up with zeros to a multiple of 64.
struct ByteBlocks {
  static constexpr std::int64_t kColumns = 64;
  static constexpr std::int64_t kRows = 64;
  static constexpr std::int64_t kGroup = 4;
  /// Is added to the left factor's bytes, which the instruction takes without a sign.
  static constexpr std::int32_t kShift = 128;

  const std::int8_t* values;
  std::int64_t inner;          ///< Rows, those that fill up left out.
  std::int64_t columns;        ///< A multiple of kColumns.
  const std::int32_t* starts;  ///< [columns]: minus kShift times the sum of a column.
  const float* scales;         ///< [columns]: a value is its byte times this.
};

/// Whether this build has multiply_few_rows().
bool has_byte_dot_products();

/// More rows than these are multiplied faster in tiles.
inline constexpr std::int64_t kMostDotRows = 3;

/// out [rows, columns] = a [rows, inner] times the factor, or adds that, for up to kMostDotRows
/// rows, by AVX-512 VNNI, which the processor must have. For so few the tiles of AMX gain nothing
/// over reading the factor, and on a busy host are up to three times slower. Rows of a lie without
/// gaps, with kGroup bytes after them that may be read.
void multiply_few_rows(const ByteBlocks& factor, const std::int8_t* a, const float* row_scales,
                       std::int64_t rows, bool accumulate, float* out);

}  // namespace musicvae::models
