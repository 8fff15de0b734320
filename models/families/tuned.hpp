#pragma once

#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// A small VAE over another model's latents, which knows a few pieces only: MidiMe (Dinculescu,
/// Engel and Roberts 2019). Its latents have few dimensions; three dense layers on each side lead
/// from them to the base's and back. Wherever a model works, it works, in the manner of its pieces.
///
/// Where bars have latents, their order is the base's prior's: it goes on from some bars of the
/// pieces, and what it writes is brought to the small space.
class Tuned : public Model {
 public:
  /// Bars of the pieces that the prior goes on from at most.
  static constexpr std::int64_t kPrimingBars = 8;

  /// `latent` dimensions; layers of `kSizes` units. `pieces` are how many latents of the pieces are
  /// kept. Parameters are drawn from `generator`; if it is undefined, they are to be loaded.
  Tuned(std::shared_ptr<Model> base, int latent, std::int64_t pieces, torch::Generator generator);
  ~Tuned() override;

  /// Learns from the posterior of some bars (or passages), means and standard deviations [N, Z]:
  /// `steps` steps of Adam.
  void learn(const Posterior& posterior, int steps, torch::Generator generator);

  Posterior encode(const Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;
  bool has_bar_latents() const override { return base_->has_bar_latents(); }
  bool inpaints() const override { return base_->inpaints(); }

  /// A point of the small space in the base's, and back: [..., z] to [..., Z].
  torch::Tensor lift(const torch::Tensor& small);
  Posterior project(const torch::Tensor& large);

 private:
  torch::Tensor draw_latents(const Batch& layout, const SamplingOptions& options,
                             RowConstraint& constraint, torch::Generator generator,
                             const torch::Tensor& given_BKZ) override;
  GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  GeneratedRows inpaint_rows(const torch::Tensor& z_BZ, const Batch& batch,
                             const SamplingOptions& options, RowConstraint& constraint,
                             torch::Generator generator) override;

  struct Layers;

  std::shared_ptr<Model> base_;  // No submodule: its parameters are in a file of its own.
  std::unique_ptr<Layers> layers_;
  torch::Tensor pieces_NZ_;
};

}  // namespace musicvae::models
