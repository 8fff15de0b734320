#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/layers/dense.hpp"
#include "models/layers/generation.hpp"
#include "models/layers/row_stepper.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// What stands beside each row of N bars: the features of its span of `rows` rows and, where that
/// is more than one, its place in the span. Kept a span at a time, as there is room for far more
/// rows in a bar than most have.
struct RowFeatures {
  torch::Tensor spans_NSF;  ///< Undefined: none.
  std::int64_t rows = 1;    ///< Of a span.

  /// [N, R, ...] of rows 0 to `count`, which there are spans for.
  torch::Tensor of_rows(std::int64_t count) const;
  /// [N, ...] of one row; zeros past the last span. Undefined where there are none.
  torch::Tensor of_row(std::int64_t row) const;
  RowFeatures of_bars(const torch::Tensor& index_N) const;
};

/// What a decoder is told of N bars.
struct BarContext {
  LstmState state;            ///< To start from.
  torch::Tensor constant_NC;  ///< At every row.
  RowFeatures features;
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
                     RowFeatures features = {});

  /// Logits [P, W] of the real rows, bar after bar, each given those before it: before_N, then
  /// rows_NR (each with W last for bits).
  torch::Tensor decode(const BarContext& context, const torch::Tensor& before_N,
                       const torch::Tensor& rows_NR, const torch::Tensor& lengths_N);

  /// What Model::decode() gives; `targets_N` is target_bars(), `context` is of those.
  torch::Tensor decode_bars(const BarContext& context, const torch::Tensor& targets_N,
                            const Batch& batch, const torch::Tensor& inputs);

  /// Samples the bars where `wanted_BU` (bool); `context` is of all bars, song by song.
  void sample(BarContext context, const torch::Tensor& wanted_BU, RowSampler& sampler);

  std::vector<torch::Tensor> parameters() const;

 private:
  RowStart start_of(const BarContext& context, const std::vector<BarId>& bars,
                    const torch::Tensor& index, const RowSampler& sampler) const;

  ModelConfig config_;
  StateHead state_;
  Lstm lstm_;
  Dense output_;
};

/// The bars to be found that are there, counted through all songs: int64 [N], on the CPU.
torch::Tensor target_bars(const Batch& batch);

/// [B, U, ...] to the entries of `index_N`, counted through all songs.
torch::Tensor of_bars(const torch::Tensor& values, const torch::Tensor& index_N);

/// The last row of the bar before each bar, or "no row": [B U], or [B U, W].
torch::Tensor carried_rows(const ModelConfig& config, const torch::Tensor& rows,
                           const torch::Tensor& lengths_BU);

}  // namespace musicvae::models
