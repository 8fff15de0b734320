#pragma once

#include <cstddef>

#include "datasets/codecs/codec.hpp"

namespace musicvae::datasets {

/// Whether both bars have this row, and the same.
bool rows_equal(const BarRows& a, const BarRows& b, int row);
/// Rows that both bars have at the same position.
std::size_t equal_rows(const BarRows& a, const BarRows& b);

}  // namespace musicvae::datasets
