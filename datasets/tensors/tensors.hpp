#pragma once

#include <span>
#include <vector>

#include <torch/types.h>

#include "datasets/codecs/codec.hpp"

/// The one place where music becomes tensors and tensors music.
namespace musicvae::datasets {

/// Width of the control vector that tells a model a bar's meter.
int control_width();

/// The control vector of one bar: one-hot over common meters and "other", then the bar's length in
/// whole notes, whether the meter is compound (6/8, 9/8, 12/8), and whether the bar is shorter than
/// its meter (a pickup).
std::vector<float> control_features(const midi::Meter& meter, Steps length, const Grid& grid);

/// B passages of up to U bars of up to R rows. A bar of length 0 is absent; absent bars come last.
struct RowTensors {
  torch::Tensor rows;          ///< Tokens int64 [B, U, R]; bits float [B, U, R, W]. Padding is 0.
  torch::Tensor lengths_BU;    ///< int64, rows in each bar.
  torch::Tensor controls_BUC;  ///< float, control_features(); 0 for absent bars.
};

/// Pads `passages` to `bars` bars each; R is the longest bar's. Throws DatasetError on a passage
/// without bars or with more than `bars`, and on rows that `shape` does not describe.
RowTensors to_tensors(std::span<const std::vector<BarRows>> passages, const RowShape& shape,
                      const Grid& grid, int bars);

/// The inverse, from any device, with the bars' meters and lengths taken from `layout` (one vector
/// a passage). Bits are read as set above 0.5. Throws DatasetError where the tensors do not hold
/// `layout`'s bars, or a token is not one of `shape`'s.
std::vector<std::vector<BarRows>> from_tensors(const torch::Tensor& rows,
                                               const torch::Tensor& lengths_BU,
                                               const RowShape& shape,
                                               std::span<const std::vector<BarRows>> layout);

}  // namespace musicvae::datasets
