#include "datasets/codecs/bar_rows.hpp"

#include <algorithm>
#include <span>

namespace musicvae::datasets {
namespace {

std::span<const std::uint16_t> row_of(const BarRows& bar, int row) {
  const std::size_t width = bar.values.size() / std::size_t(bar.rows);
  return std::span(bar.values).subspan(std::size_t(row) * width, width);
}

}  // namespace

bool rows_equal(const BarRows& a, const BarRows& b, int row) {
  if (row >= a.rows || row >= b.rows) return false;
  return std::ranges::equal(row_of(a, row), row_of(b, row));
}

std::size_t equal_rows(const BarRows& a, const BarRows& b) {
  std::size_t equal = 0;
  for (int row = 0; row < std::min(a.rows, b.rows); ++row) equal += rows_equal(a, b, row) ? 1 : 0;
  return equal;
}

}  // namespace musicvae::datasets
