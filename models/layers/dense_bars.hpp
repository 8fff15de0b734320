#pragma once

#include <cstdint>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/config.hpp"
#include "models/layers/causal_transformer.hpp"
#include "models/layers/dense.hpp"
#include "models/model.hpp"

/// Networks that read and make a bar without going through it row by row. Each place in the bar has
/// weights of its own, so nothing has to be remembered from one end of the bar to the other, which
/// is where an LSTM loses the notes of long and dense bars. All of it is products of matrices.
namespace musicvae::models {

/// Where a bar's rows lie. Rows share places if a bar has more than kPlaces of them: the second
/// and the third round are told apart by matrices of their own, and later rounds are as the third.
struct RowPlaces {
  static constexpr std::int64_t kPlaces = 24;
  static constexpr std::int64_t kRounds = 3;

  /// The first `lengths_N[i]` rows of each of N bars, bar after bar; int64, on the CPU.
  explicit RowPlaces(const torch::Tensor& lengths_N);

  torch::Tensor bar_P;    ///< The bar of each row.
  torch::Tensor row_P;    ///< The row's number in its bar.
  torch::Tensor place_P;  ///< Its place, below kPlaces.
  torch::Tensor round_P;  ///< Its round, below kRounds.
};

/// One matrix for each round of rows, the identity for the first.
class RoundsImpl : public torch::nn::Module {
 public:
  explicit RoundsImpl(std::int64_t width);

  /// Multiplies the rows x_PD by the matrices of their rounds.
  torch::Tensor forward(const torch::Tensor& x_PD, const torch::Tensor& round_P);

 private:
  std::vector<torch::Tensor> matrices_;  // From the second round on.
};
TORCH_MODULE(Rounds);

/// Dense layers, each pair of which adds to what it reads the normalised form of.
class ResidualStackImpl : public torch::nn::Module {
 public:
  /// `layers` pairs of `width` units, with `inner` units between.
  ResidualStackImpl(int layers, std::int64_t width, std::int64_t inner, torch::Generator generator);

  torch::Tensor forward(torch::Tensor x);

 private:
  std::vector<LayerNorm> norms_;
  std::vector<Dense> into_, out_of_;
};
TORCH_MODULE(ResidualStack);

/// q(z | bar) of every bar: rows to vectors, each place's vector by matrices of its own to one
/// vector of ModelConfig::encoder's size, and that to mu and sigma.
class DenseBarEncoderImpl : public torch::nn::Module {
 public:
  DenseBarEncoderImpl(const ModelConfig& config, torch::Generator generator);

  /// [B, U, Z]; what absent bars get means nothing.
  Posterior forward(const Batch& batch);

 private:
  torch::Tensor row_vectors(const torch::Tensor& rows_P) const;

  RowKind kind_;
  std::int64_t row_width_;
  Dense row_;
  torch::Tensor place_;
  Rounds rounds_;
  LayerNorm row_norm_;
  Dense narrow_, bar_;
  ResidualStack stack_;
  LayerNorm norm_;
  Dense mu_, sigma_;
};
TORCH_MODULE(DenseBarEncoder);

/// p(rows | z, meter), the rows independent of each other given z.
class DenseBarDecoderImpl : public torch::nn::Module {
 public:
  DenseBarDecoderImpl(const ModelConfig& config, torch::Generator generator);

  /// What the rows of N bars are made from: [N * kPlaces, ...].
  torch::Tensor plan(const torch::Tensor& z_NZ, const torch::Tensor& controls_NC);
  /// The logits of the rows at `places`, [P, W].
  torch::Tensor forward(const torch::Tensor& plan, const RowPlaces& places);

 private:
  Dense bar_;
  ResidualStack stack_;
  LayerNorm norm_;
  Dense places_, row_;
  torch::Tensor place_;
  Rounds rounds_;
  ResidualStack row_stack_;
  LayerNorm row_norm_;
  Dense output_;
};
TORCH_MODULE(DenseBarDecoder);

std::int64_t dense_bar_weights(const ModelConfig& config);

}  // namespace musicvae::models
