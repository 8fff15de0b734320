#include "datasets/grid/grid.hpp"

namespace musicvae::datasets {

std::optional<Steps> bar_length(const Grid& grid, const midi::Meter& meter) {
  const int quarters_times_denominator = 4 * grid.steps_per_quarter * meter.numerator;
  if (meter.denominator == 0 || quarters_times_denominator % meter.denominator != 0) return {};
  return Steps(quarters_times_denominator / meter.denominator);
}

Passage slice(const Passage& passage, int first, int count) {
  const auto bars = static_cast<std::int64_t>(passage.bars.size());
  if (first < 0 || count < 0 || std::int64_t{first} + count > bars) {
    throw DatasetError("bars " + std::to_string(first) + " to " +
                       std::to_string(std::int64_t{first} + count) + " of a passage of " +
                       std::to_string(bars));
  }
  const auto begin = passage.bars.begin() + first;
  return {passage.grid, {begin, begin + count}};
}

}  // namespace musicvae::datasets
