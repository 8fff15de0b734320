#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/layers/bar_decoder.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// A VAE of single bars (MeasureVAE: Pati et al. 2019), and on top of it an inpainter that finds
/// the latents of missing bars from those of the others. z holds the latents of all bars side by
/// side. A bar's latent starts an LSTM over its spans of kSpanRows rows (MeasureVAE's beats). The
/// LSTM's outputs accompany the bar decoder's rows, together with each row's place in its span.
///
/// The VAE and the inpainter are trained one after the other: where bars are missing, the VAE's
/// parameters are constant, and the gradient goes through the decoder to the latents that were
/// found.
class BarVae : public Model {
 public:
  /// Rows of a span: a quarter note on MeasureVAE's grid, which has 24 ticks in a bar of 4/4. Other
  /// codecs' spans have as many rows.
  static constexpr std::int64_t kSpanRows = 6;

  bool inpaints() const override { return true; }
  /// Missing and absent bars have N(0, I), which adds nothing to the KL.
  Posterior encode(const Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;

 protected:
  /// Throws ModelError unless z divides evenly among the bars, and a bar's latent among `parts`.
  BarVae(const ModelConfig& config, int parts, torch::Generator generator);

  int bar_latent() const { return config().latent / config().bars; }

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  GeneratedRows inpaint_rows(const torch::Tensor& z_BZ, const Batch& batch,
                             const SamplingOptions& options, RowConstraint& constraint,
                             torch::Generator generator) override;
  /// The posterior of each known bar, [B, U, Z]. What it gives for other bars is ignored.
  virtual Posterior encode_known_bars(const Batch& batch) = 0;
  /// Finds the latents of the missing bars, and gives `latents_BUZ` with these in their place.
  virtual torch::Tensor find_missing(const torch::Tensor& latents_BUZ, const Batch& batch) = 0;

  torch::Tensor passage_latent(const torch::Tensor& latents_BUZ, double absent) const;
  torch::Tensor bar_latents(const torch::Tensor& z_BZ, std::int64_t bars) const;
  BarContext context(const torch::Tensor& latents_BUZ, const torch::Tensor& controls_BUC,
                     const torch::Tensor& index_N, std::int64_t rows);
  RowFeatures row_features(const torch::Tensor& latents_NZ, const torch::Tensor& controls_NC,
                           std::int64_t rows);
  /// The parameters of all layers that make rows from a latent.
  std::vector<torch::Tensor> decoder_parameters() const;

  StateHead span_state_;
  Lstm spans_;
  BarDecoder decoder_;
};

/// An estimate of the weights that turn a latent into rows.
std::int64_t bar_vae_weights(const ModelConfig& config);

}  // namespace musicvae::models
