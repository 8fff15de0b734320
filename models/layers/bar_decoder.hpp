#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/layers/dense.hpp"
#include "models/layers/generation.hpp"
#include "models/layers/row_stepper.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// Features that accompany each row of N bars: those of the span of `rows` rows in which it lies
/// and, if that is more than one row, its place in the span. They are kept by spans, because a bar
/// has room for far more rows than most bars have.
struct RowFeatures {
  torch::Tensor spans_NSF;  ///< Undefined if there are no features.
  std::int64_t rows = 1;    ///< Rows per span.

  /// The features of the first `count` rows, for which there are spans: [N, R, ...].
  torch::Tensor of_rows(std::int64_t count) const;
  /// The features of one row, [N, ...], with zeros past the last span; undefined if there are none.
  torch::Tensor of_row(std::int64_t row) const;
  RowFeatures of_bars(const torch::Tensor& index_N) const;
};

/// What a decoder is told about N bars.
struct BarContext {
  LstmState state;            ///< The initial state.
  torch::Tensor constant_NC;  ///< Input at every row.
  RowFeatures features;
};

/// The context of the bars `index_N`.
BarContext of_bars(const BarContext& context, const torch::Tensor& index_N);

/// Widths of a bar decoder's inputs besides the rows.
struct BarDecoderInputs {
  int embedding = 0;  ///< A vector for each bar, which starts and accompanies its rows.
  int features = 0;   ///< A vector for each row.
  /// Rows of other bars, with which the features begin and which the decoder may repeat: for each,
  /// it says in each row how much. Where that is g, logits of what is in the row rise by g, and the
  /// others fall by g.
  int copies = 0;
};

/// An LSTM that decodes each bar by itself, as MusicVAE's bar decoder (Roberts et al. 2018, section
/// 3.2). It knows nothing of the bar before, except its last row (carry_row).
class BarDecoder {
 public:
  /// Registers its layers with `owner`.
  BarDecoder(torch::nn::Module& owner, const ModelConfig& config, const BarDecoderInputs& inputs,
             torch::Generator generator);

  BarContext context(const torch::Tensor& embedding_NE, const torch::Tensor& controls_NC,
                     RowFeatures features = {});

  /// Logits [P, W] of the real rows, bar after bar, each given the rows before it: first before_N,
  /// then those of rows_NR. For bits, both have W last.
  torch::Tensor decode(const BarContext& context, const torch::Tensor& before_N,
                       const torch::Tensor& rows_NR, const torch::Tensor& lengths_N);

  /// Does what Model::decode() does. `targets_N` is target_bars(), and `context` is that of these
  /// bars.
  torch::Tensor decode_bars(const BarContext& context, const torch::Tensor& targets_N,
                            const Batch& batch, const torch::Tensor& inputs);

  /// Samples the bars where `wanted_BU` (bool). `context` is that of all bars, song by song.
  void sample(const BarContext& context, const torch::Tensor& wanted_BU, RowSampler& sampler);
  /// Samples the bars that `context` is of, side by side. The bars before them must be there.
  void sample_bars(const BarContext& context, const std::vector<BarId>& bars, RowSampler& sampler);

  std::vector<torch::Tensor> parameters() const;

 private:
  ModelConfig config_;
  int copies_;
  StateHead state_;
  Lstm lstm_;
  Dense output_;
};

/// The present bars that are to be found, counted through all songs: int64 [N], on the CPU.
torch::Tensor target_bars(const Batch& batch);

/// The values [B, U, ...] of the bars `index_N`, which are counted through all songs.
torch::Tensor of_bars(const torch::Tensor& values, const torch::Tensor& index_N);

/// The last row of the bar before each bar, or "no row": [B U], or [B U, W].
torch::Tensor carried_rows(const ModelConfig& config, const torch::Tensor& rows,
                           const torch::Tensor& lengths_BU);

}  // namespace musicvae::models
