#include "models/model.hpp"

#include <utility>

#include <ATen/Parallel.h>
#include <torch/utils.h>

#include "models/kernels/threads.hpp"

namespace musicvae::models {
namespace {

/// Calls generate() without gradients and with threads for small steps.
template <class Generate>
auto run_generation(const Generate& generate) {
  const torch::NoGradGuard no_grad;
  // LibTorch sets its number of threads when a thread first asks for it. Later, that would undo
  // what StepThreads does.
  static_cast<void>(at::get_num_threads());
  const StepThreads threads;
  return generate();
}

}  // namespace

void Model::set_latent(std::shared_ptr<PosteriorKind> posterior, std::shared_ptr<Prior> prior) {
  posterior_kind_ = register_module("posterior_kind", std::move(posterior));
  prior_kind_ = register_module("prior_kind", std::move(prior));
}

torch::Tensor Model::jacobian_norm_B(const Batch& /*batch*/) {
  throw ModelError("family '" + config_.family + "' does not know its encoder's Jacobian");
}

void Model::fit(const NextBatch& /*next*/) {
  throw ModelError("a model of family '" + config_.family + "' is trained step by step");
}

torch::Tensor Model::bar_loss_BU(const torch::Tensor& /*z_BUZ*/, const Batch& /*batch*/) {
  throw ModelError("a model of family '" + config_.family + "' has no prior to be trained");
}

torch::Tensor Model::draw_z(const Batch& layout, const SamplingOptions& options,
                            RowConstraint& constraint, torch::Generator generator,
                            const torch::Tensor& given_BKZ) {
  return run_generation(
      [&] { return draw_latents(layout, options, constraint, std::move(generator), given_BKZ); });
}

torch::Tensor Model::draw_latents(const Batch& layout, const SamplingOptions& options,
                                  RowConstraint& /*constraint*/, torch::Generator generator,
                                  const torch::Tensor& /*given_BKZ*/) {
  return prior_kind_
      ->draw_BZ(layout.controls_BUC.size(0), options.temperature, std::move(generator))
      .to(layout.controls_BUC.options());
}

GeneratedRows Model::generate(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) {
  return run_generation([&] {
    return generate_rows(z_BZ, controls_BUC, present_BU, options, constraint, std::move(generator));
  });
}

GeneratedRows Model::inpaint(const torch::Tensor& z_BZ, const Batch& batch,
                             const SamplingOptions& options, RowConstraint& constraint,
                             torch::Generator generator) {
  return run_generation(
      [&] { return inpaint_rows(z_BZ, batch, options, constraint, std::move(generator)); });
}

GeneratedRows Model::inpaint_rows(const torch::Tensor& /*z_BZ*/, const Batch& /*batch*/,
                                  const SamplingOptions& /*options*/, RowConstraint& /*constraint*/,
                                  torch::Generator /*generator*/) {
  throw ModelError("a model of family '" + config_.family +
                   "' cannot fill missing bars; one of family 'masked' can");
}

}  // namespace musicvae::models
