#include "datasets/tensors/tensors.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace musicvae::datasets {
namespace {

constexpr std::array<midi::Meter, 12> kCommonMeters = {{{2, 4},
                                                        {3, 4},
                                                        {4, 4},
                                                        {5, 4},
                                                        {6, 4},
                                                        {2, 2},
                                                        {3, 2},
                                                        {4, 2},
                                                        {3, 8},
                                                        {6, 8},
                                                        {9, 8},
                                                        {12, 8}}};
constexpr std::size_t kOtherMeter = kCommonMeters.size();
constexpr std::size_t kWidth = kOtherMeter + 4;  // "other", length, compound, short.

bool is_compound(const midi::Meter& meter) {
  return meter.denominator >= 8 && meter.numerator > 3 && meter.numerator % 3 == 0;
}

std::int64_t values_per_row(const RowShape& shape) {
  return shape.kind == RowShape::Kind::kToken ? 1 : shape.width;
}

void require(bool condition, const std::string& message) {
  if (!condition) throw DatasetError(message);
}

void check_bar(const BarRows& bar, const RowShape& shape) {
  require(bar.rows > 0, "a bar without rows cannot be told from an absent one");
  require(bar.values.size() == std::size_t(bar.rows) * values_per_row(shape),
          "a bar of " + std::to_string(bar.rows) + " rows holds " +
              std::to_string(bar.values.size()) + " values");
  const int limit = shape.kind == RowShape::Kind::kToken ? shape.width : 2;
  const bool in_range = std::all_of(bar.values.begin(), bar.values.end(),
                                    [limit](std::uint16_t value) { return value < limit; });
  require(in_range, "a row value is not below " + std::to_string(limit));
}

/// Checks all passages and gives the rows of their longest bar.
std::int64_t longest_bar(std::span<const std::vector<BarRows>> passages, const RowShape& shape,
                         int bars) {
  int longest = 1;
  for (const auto& passage : passages) {
    require(!passage.empty(), "a passage without bars cannot become a tensor");
    require(passage.size() <= std::size_t(std::max(bars, 0)),
            "a passage of " + std::to_string(passage.size()) + " bars does not fit " +
                std::to_string(bars));
    for (const BarRows& bar : passage) {
      check_bar(bar, shape);
      longest = std::max(longest, bar.rows);
    }
  }
  return longest;
}

RowTensors empty_tensors(std::int64_t passages, std::int64_t bars, std::int64_t rows,
                         const RowShape& shape) {
  const bool tokens = shape.kind == RowShape::Kind::kToken;
  return {tokens ? torch::zeros({passages, bars, rows}, torch::kInt64)
                 : torch::zeros({passages, bars, rows, shape.width}, torch::kFloat32),
          torch::zeros({passages, bars}, torch::kInt64),
          torch::zeros({passages, bars, control_width()}, torch::kFloat32)};
}

/// Copies one bar to place `slot` = passage * bars + bar of contiguous tensors.
template <class Value>
void put_bar(const BarRows& bar, const Grid& grid, std::int64_t slot, std::int64_t values_per_bar,
             RowTensors& out) {
  std::copy(bar.values.begin(), bar.values.end(),
            out.rows.data_ptr<Value>() + slot * values_per_bar);
  out.lengths_BU.data_ptr<std::int64_t>()[slot] = bar.rows;
  const std::vector<float> features = control_features(bar.meter, bar.length, grid);
  std::copy(features.begin(), features.end(),
            out.controls_BUC.data_ptr<float>() + slot * control_width());
}

template <class Value>
void put_passages(std::span<const std::vector<BarRows>> passages, const Grid& grid,
                  std::int64_t bars, std::int64_t values_per_bar, RowTensors& out) {
  for (std::size_t b = 0; b < passages.size(); ++b) {
    for (std::size_t u = 0; u < passages[b].size(); ++u) {
      put_bar<Value>(passages[b][u], grid, std::int64_t(b) * bars + std::int64_t(u), values_per_bar,
                     out);
    }
  }
}

void check_layout(const torch::Tensor& rows, const torch::Tensor& lengths_BU, const RowShape& shape,
                  std::span<const std::vector<BarRows>> layout) {
  const bool tokens = shape.kind == RowShape::Kind::kToken;
  require(rows.dim() == (tokens ? 3 : 4) && (tokens || rows.size(3) == shape.width),
          "the rows' tensor is not of the codec's shape");
  require(rows.size(0) == std::int64_t(layout.size()) && lengths_BU.dim() == 2 &&
              lengths_BU.size(0) == rows.size(0) && lengths_BU.size(1) == rows.size(1),
          "the tensors do not hold as many passages and bars as their layout");
  for (const auto& passage : layout) {
    require(std::int64_t(passage.size()) <= rows.size(1), "the layout has more bars than rows");
  }
}

std::vector<std::uint16_t> token_values(const std::int64_t* first, std::int64_t count, int width) {
  const bool in_range = std::all_of(
      first, first + count, [width](std::int64_t token) { return token >= 0 && token < width; });
  require(in_range, "a token is not below " + std::to_string(width));
  return {first, first + count};
}

std::vector<std::uint16_t> bit_values(const float* first, std::int64_t count) {
  std::vector<std::uint16_t> values(count);
  std::transform(first, first + count, values.begin(), [](float bit) { return bit > 0.5f; });
  return values;
}

std::vector<std::uint16_t> values_at(const torch::Tensor& rows, const RowShape& shape,
                                     std::int64_t slot, std::int64_t row_count) {
  const std::int64_t offset = slot * rows.size(2) * values_per_row(shape);
  const std::int64_t count = row_count * values_per_row(shape);
  return shape.kind == RowShape::Kind::kToken
             ? token_values(rows.data_ptr<std::int64_t>() + offset, count, shape.width)
             : bit_values(rows.data_ptr<float>() + offset, count);
}

}  // namespace

int control_width() { return kWidth; }

std::vector<float> control_features(const midi::Meter& meter, Steps length, const Grid& grid) {
  std::vector<float> features(kWidth, 0.0f);
  const auto common = std::find(kCommonMeters.begin(), kCommonMeters.end(), meter);
  features[common - kCommonMeters.begin()] = 1;  // The end is kOtherMeter.
  features[kOtherMeter + 1] = float(length.count) / float(4 * grid.steps_per_quarter);
  features[kOtherMeter + 2] = is_compound(meter);
  features[kOtherMeter + 3] = bar_length(grid, meter) > length;
  return features;
}

RowTensors to_tensors(std::span<const std::vector<BarRows>> passages, const RowShape& shape,
                      const Grid& grid, int bars) {
  const std::int64_t rows = longest_bar(passages, shape, bars);
  RowTensors out = empty_tensors(std::int64_t(passages.size()), bars, rows, shape);
  const std::int64_t values_per_bar = rows * values_per_row(shape);
  if (shape.kind == RowShape::Kind::kToken) {
    put_passages<std::int64_t>(passages, grid, bars, values_per_bar, out);
  } else {
    put_passages<float>(passages, grid, bars, values_per_bar, out);
  }
  return out;
}

std::vector<std::vector<BarRows>> from_tensors(const torch::Tensor& rows,
                                               const torch::Tensor& lengths_BU,
                                               const RowShape& shape,
                                               std::span<const std::vector<BarRows>> layout) {
  check_layout(rows, lengths_BU, shape, layout);
  const bool tokens = shape.kind == RowShape::Kind::kToken;
  const auto values = rows.to(torch::kCPU, tokens ? torch::kInt64 : torch::kFloat32).contiguous();
  const auto lengths = lengths_BU.to(torch::kCPU, torch::kInt64).contiguous();
  std::vector<std::vector<BarRows>> passages(layout.begin(), layout.end());
  for (std::size_t b = 0; b < passages.size(); ++b) {
    for (std::size_t u = 0; u < passages[b].size(); ++u) {
      const std::int64_t slot = std::int64_t(b) * rows.size(1) + std::int64_t(u);
      const std::int64_t count = lengths.data_ptr<std::int64_t>()[slot];
      require(count >= 0 && count <= rows.size(2), "a bar's length is past the rows' tensor");
      BarRows& bar = passages[b][u];
      bar.rows = int(count);
      bar.values = values_at(values, shape, slot, count);
    }
  }
  return passages;
}

}  // namespace musicvae::datasets
