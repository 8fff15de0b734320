#include "models/kernels/step_matrix.hpp"

#include <algorithm>
#include <array>

#include "models/kernels/threads.hpp"
#include "src/base/ceil_div.hpp"

namespace musicvae::models {
namespace {

/// So many rows take little longer than one, for which reading the matrix is the work.
constexpr std::int64_t kRowsOfOneReading = 4;
/// Values to read below which waking another thread costs more than it saves.
constexpr std::int64_t kLeastReading = 1 << 18;

}  // namespace

StepMatrix::StepMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns)
    : inner_(inner),
      columns_(columns),
      halves_(half_precision_holds(matrix, inner, columns)),
      values_(static_cast<std::size_t>(panels() * panel_bytes())) {
  run_tasks(static_cast<int>(panels()), [&](int panel) {
    const auto first = panel * kPanel;
    std::array<float, kPanel> row{};  // Zeros beyond the last column.
    for (std::int64_t k = 0; k < inner; ++k) {
      std::copy_n(matrix.data + k * matrix.stride + first, std::min(kPanel, columns - first),
                  row.begin());
      store_row(panel, k, row.data());
    }
  });
}

void StepMatrix::multiply(const MatrixView& a, std::int64_t rows, float* out) const {
  const auto reading = kPanel * inner_ * ceil_div(rows, kRowsOfOneReading);
  for_ranges(panels(), ceil_div(kLeastReading, std::max<std::int64_t>(1, reading)),
             [&](std::int64_t begin, std::int64_t end) {
               for (auto panel = begin; panel < end; ++panel) {
                 const auto first = panel * kPanel;
                 const auto width = std::min(kPanel, columns_ - first);
                 if (width == kPanel) {
                   multiply_panel(panel, a, rows, out + first, columns_);
                   continue;
                 }
                 thread_local std::vector<float> sums;
                 sums.resize(static_cast<std::size_t>(rows * kPanel));
                 multiply_panel(panel, a, rows, sums.data(), kPanel);
                 for (std::int64_t row = 0; row < rows; ++row) {
                   std::copy_n(sums.data() + row * kPanel, width, out + row * columns_ + first);
                 }
               }
             });
}

std::int64_t StepMatrix::panels() const { return ceil_div(columns_, kPanel); }

std::int64_t StepMatrix::panel_bytes() const {
  return inner_ * kPanel *
         static_cast<std::int64_t>(halves_ ? sizeof(std::uint16_t) : sizeof(float));
}

}  // namespace musicvae::models
