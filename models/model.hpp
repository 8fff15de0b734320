#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

#include "models/batch.hpp"
#include "models/config.hpp"
#include "models/latent.hpp"
#include "models/row_constraint.hpp"

namespace musicvae::models {

struct SamplingOptions {
  double temperature = 1.0;  ///< Logits are divided by it; 0 takes the likeliest row.
};

struct GeneratedRows {
  torch::Tensor rows;        ///< As Batch::rows, on the CPU.
  torch::Tensor lengths_BU;  ///< int64, on the CPU; 0 where the bar was absent.
};

/// A VAE over passages of rows. All tensors are on the module's device. Where each bar has a latent
/// (has_bar_latents()), z has the sizes [B, U, Z] wherever it is called z_BZ.
class Model : public torch::nn::Module {
 public:
  explicit Model(ModelConfig config) : config_(std::move(config)) {}

  /// Computes what encode() and decode() both need of the known bars. Call it once and put the
  /// result into Batch::reading_BUD. It is undefined where a family has no such thing.
  virtual torch::Tensor read(const Batch& /*batch*/) { return {}; }

  /// The Gaussian that q(z|x) of each passage is made of. If bars are missing, families that
  /// inpaint see only the others.
  virtual Posterior encode(const Batch& batch) = 0;

  /// How q(z|x) is made of encode()'s Gaussian, and p(z). A model from make_model() has both.
  PosteriorKind& posterior_kind() const { return *posterior_kind_; }
  Prior& prior_kind() const { return *prior_kind_; }
  void set_latent(std::shared_ptr<PosteriorKind> posterior, std::shared_ptr<Prior> prior);

  /// The z that stands for each passage: the centre of q(z|x).
  torch::Tensor centre_BZ(const Batch& batch) { return posterior_kind_->centre_BZ(encode(batch)); }

  /// The squared Frobenius norm of d mu / d rows of each passage, exactly and with its gradient:
  /// [B]. Padding counts as rows. Throws ModelError unless FamilyTraits::jacobian.
  virtual torch::Tensor jacobian_norm_B(const Batch& batch);

  /// Gives passages, batch after batch, and nothing after the last.
  using NextBatch = std::function<std::optional<Batch>()>;
  /// Fits the model to passages, in one pass. Throws ModelError unless FamilyTraits::fitted.
  virtual void fit(const NextBatch& next);

  /// Logits [P, W] of the rows to be found, as Batch::at_targets() has them, each given z and the
  /// true rows before it (teacher forcing), in one pass over all bars.
  /// `inputs` are the rows to condition on where they differ from the batch's (scheduled sampling);
  /// undefined means the batch's own.
  virtual torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                               const torch::Tensor& inputs = {}) = 0;

  /// Whether each bar has a latent of its own, and passages may have any number of bars.
  virtual bool has_bar_latents() const { return false; }

  /// -log p(bar u | bars before) under the model's own prior in nats: [B, U], 0 where a bar is
  /// absent; an upper bound of the KL divergence of q(z_u | bar u) from that prior. Where bars are
  /// missing it is of these alone, given the others too. z_BUZ are drawn from the posteriors. Only
  /// where each bar has a latent; other models' prior is prior_kind().
  virtual torch::Tensor bar_loss_BU(const torch::Tensor& z_BUZ, const Batch& batch);

  /// Draws z from the prior for songs in the bars of `layout`, whose rows are ignored. The
  /// temperature of `options` makes it more or less like what was learnt (Prior::draw_BZ()). Where
  /// each bar has a latent, the prior writes bars under `constraint`, z are the means of their
  /// posteriors, and the first K bars may be given, by given_BKZ. `generator` is on the CPU,
  /// whatever the device.
  torch::Tensor draw_z(const Batch& layout, const SamplingOptions& options,
                       RowConstraint& constraint, torch::Generator generator,
                       const torch::Tensor& given_BKZ = {});

  /// Samples rows for B songs under `constraint`. Bars of `controls_BUC` where `present_BU` (bool)
  /// is false are left out. Runs without gradients. On one kind of CPU, which is one set of
  /// instructions, the same arguments give the same rows with any number of threads.
  GeneratedRows generate(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                         const torch::Tensor& present_BU, const SamplingOptions& options,
                         RowConstraint& constraint, torch::Generator generator);

  /// Whether the model finds missing bars from the others (Batch::missing_BU and inpaint()).
  virtual bool inpaints() const { return false; }

  /// Whether the model also takes the pitches or the rhythm of a missing bar alone
  /// (Batch::revealed_pitch_BU and revealed_rhythm_BU).
  virtual bool sketches() const { return false; }

  /// Does what generate() does for the missing bars of `batch`, given the others. The result has
  /// all bars, the known ones as they were. Throws ModelError unless inpaints().
  GeneratedRows inpaint(const torch::Tensor& z_BZ, const Batch& batch,
                        const SamplingOptions& options, RowConstraint& constraint,
                        torch::Generator generator);

  const ModelConfig& config() const { return config_; }

 protected:
  /// The work of generate() and inpaint(), called without gradients and with threads for small
  /// steps.
  virtual GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                      const torch::Tensor& present_BU,
                                      const SamplingOptions& options, RowConstraint& constraint,
                                      torch::Generator generator) = 0;
  /// The work of draw_z(). It is prior_kind()'s, unless a family has a prior of its own.
  virtual torch::Tensor draw_latents(const Batch& layout, const SamplingOptions& options,
                                     RowConstraint& constraint, torch::Generator generator,
                                     const torch::Tensor& given_BKZ);
  virtual GeneratedRows inpaint_rows(const torch::Tensor& z_BZ, const Batch& batch,
                                     const SamplingOptions& options, RowConstraint& constraint,
                                     torch::Generator generator);

 private:
  ModelConfig config_;
  std::shared_ptr<PosteriorKind> posterior_kind_;
  std::shared_ptr<Prior> prior_kind_;
};

/// A freshly initialised model. Its parameters are drawn from `generator`; if that is undefined,
/// they hold anything and must be loaded. Throws ModelError where validate() does.
std::shared_ptr<Model> make_model(const ModelConfig& config, torch::Generator generator);

/// What a model of config `to` can take over of the weights of one of config `from`, by name: all
/// where the configs are equal, a part where they have a part in common, or nothing.
std::map<std::string, torch::Tensor> weights_in_common(
    const ModelConfig& from, const std::map<std::string, torch::Tensor>& weights,
    const ModelConfig& to);

}  // namespace musicvae::models
