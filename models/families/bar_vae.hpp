#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/layers/bar_decoder.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// A VAE of single bars (MeasureVAE: Pati et al. 2019), and on top of it something that finds the
/// latents of missing bars from those of the others. z is the latents of all bars side by side. A
/// bar's starts an LSTM over its spans of kSpanRows rows (MeasureVAE's beats), whose outputs
/// accompany the bar decoder's rows together with where each stands in its span.
///
/// The two are trained one after the other: where bars are missing, all that makes up the VAE is
/// constant, and the gradient goes through the decoder to the latents that were found.
class BarVae : public Model {
 public:
  /// A quarter on the grid of 24 ticks a bar of 4/4 that MeasureVAE is made for; of other rows just
  /// as many.
  static constexpr std::int64_t kSpanRows = 6;

  bool inpaints() const override { return true; }
  /// Missing and absent bars have N(0, I), which adds nothing to the KL.
  Posterior encode(const Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;
  GeneratedRows generate(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                         const torch::Tensor& present_BU, const SamplingOptions& options,
                         RowConstraint& constraint, torch::Generator generator) override;
  GeneratedRows inpaint(const torch::Tensor& z_BZ, const Batch& batch,
                        const SamplingOptions& options, RowConstraint& constraint,
                        torch::Generator generator) override;

 protected:
  /// Throws ModelError unless every bar's latent is as wide as the others and a multiple of
  /// `parts`.
  BarVae(const ModelConfig& config, int parts, torch::Generator generator);

  int bar_latent() const { return config().latent / config().bars; }

 private:
  /// Of each bar that is known, [B, U, Z]; those of the others are ignored.
  virtual Posterior encode_known_bars(const Batch& batch) = 0;
  /// `latents_BUZ` with what is found in place of those of the missing bars.
  virtual torch::Tensor find_missing(const torch::Tensor& latents_BUZ, const Batch& batch) = 0;

  torch::Tensor passage_latent(const torch::Tensor& latents_BUZ, double absent) const;
  torch::Tensor bar_latents(const torch::Tensor& z_BZ, std::int64_t bars) const;
  BarContext context(const torch::Tensor& latents_BUZ, const torch::Tensor& controls_BUC,
                     const torch::Tensor& index_N, std::int64_t rows);
  RowFeatures row_features(const torch::Tensor& latents_NZ, const torch::Tensor& controls_NC,
                           std::int64_t rows);
  /// Of all that makes rows of a latent.
  std::vector<torch::Tensor> decoder_parameters() const;

  StateHead span_state_;
  Lstm spans_;
  BarDecoder decoder_;
};

}  // namespace musicvae::models
