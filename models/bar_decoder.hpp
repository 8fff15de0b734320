#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/generation.hpp"
#include "models/layers.hpp"
#include "models/model.hpp"
#include "models/row_stepper.hpp"

namespace musicvae::models {

/// What a decoder is told of N bars.
struct BarContext {
  LstmState state;             ///< To start from.
  torch::Tensor constant_NC;   ///< At every row.
  torch::Tensor features_NRF;  ///< At row r; zeros past the last. Undefined: none.
};

/// Widths of what a bar decoder reads besides rows.
struct BarDecoderInputs {
  int embedding = 0;  ///< Of a bar; starts and accompanies its rows.
  int features = 0;   ///< Of each row.
};

/// An LSTM that is the same for every bar and forgets the bar before but for its last row
/// (carry_row), as MusicVAE's bar decoder (Roberts et al. 2018, section 3.2).
class BarDecoder {
 public:
  /// Registers its layers with `owner`.
  BarDecoder(torch::nn::Module& owner, const ModelConfig& config, const BarDecoderInputs& inputs,
             torch::Generator generator);

  BarContext context(const torch::Tensor& embedding_NE, const torch::Tensor& controls_NC,
                     const torch::Tensor& features_NRF = {});

  /// Logits [N, R, W] of every row given those before it: before_N, then rows_NR (each with W last
  /// for bits).
  torch::Tensor decode(const BarContext& context, const torch::Tensor& before_N,
                       const torch::Tensor& rows_NR, const torch::Tensor& lengths_N);

  /// Samples the bars where `wanted_BU` (bool); `context` is of all bars, song by song.
  void sample(BarContext context, const torch::Tensor& wanted_BU, RowSampler& sampler);

 private:
  RowStart start_of(const BarContext& context, const std::vector<BarId>& bars,
                    const torch::Tensor& index, const RowSampler& sampler) const;

  ModelConfig config_;
  StateHead state_;
  Lstm lstm_;
  Dense output_;
};

/// The last row of the bar before each bar, or "no row": [B U], or [B U, W].
torch::Tensor carried_rows(const ModelConfig& config, const torch::Tensor& rows,
                           const torch::Tensor& lengths_BU);

}  // namespace musicvae::models
