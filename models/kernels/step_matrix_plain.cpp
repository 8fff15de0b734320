#include <algorithm>

#include "models/kernels/step_matrix.hpp"

namespace musicvae::models {

// Without instructions that convert them, values in half precision would be no faster to read.
bool StepMatrix::half_precision_holds(const MatrixView&, std::int64_t, std::int64_t) {
  return false;
}

void StepMatrix::store_row(std::int64_t panel, std::int64_t k, const float* values) {
  auto* const rows = reinterpret_cast<float*>(values_.data() + panel * panel_bytes());
  std::copy_n(values, kPanel, rows + k * kPanel);
}

void StepMatrix::multiply_panel(std::int64_t panel, const MatrixView& a, std::int64_t rows,
                                float* out, std::int64_t out_stride) const {
  const auto* const values = reinterpret_cast<const float*>(values_.data() + panel * panel_bytes());
  for (std::int64_t row = 0; row < rows; ++row) {
    float* const sums = out + row * out_stride;
    std::fill_n(sums, kPanel, 0.0F);
    for (std::int64_t k = 0; k < inner_; ++k) {
      const float x = a.data[row * a.stride + k];
      for (std::int64_t j = 0; j < kPanel; ++j) sums[j] += x * values[k * kPanel + j];
    }
  }
}

}  // namespace musicvae::models
