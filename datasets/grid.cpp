#include "datasets/grid.hpp"

namespace musicvae::datasets {

std::optional<Steps> bar_length(const Grid& grid, const midi::Meter& meter) {
  const int quarters_times_denominator = 4 * grid.steps_per_quarter * meter.numerator;
  if (meter.denominator == 0 || quarters_times_denominator % meter.denominator != 0) return {};
  return Steps(quarters_times_denominator / meter.denominator);
}

}  // namespace musicvae::datasets
