#include "src/training/training_options.hpp"

#include <algorithm>
#include <cmath>

#include "datasets/codecs/codec.hpp"
#include "models/objective/elbo.hpp"

namespace musicvae {

std::vector<models::Setting> settings(TrainingOptions& options) {
  const TrainingOptions plain;
  std::vector<models::Setting> all = {
      {"codec", &options.codec, "Row encoding", {.choices = datasets::codec_names()}},
      {"steps_per_quarter",
       &options.steps_per_quarter,
       "Grid; 12 also holds triplets",
       {.least = 1, .most = 96}},
      {"learn",
       &options.learn,
       "Part of a model with bar latents that is trained: its bars under the prior N(0, I), their "
       "prior, or both",
       {.choices = {"bars", "prior", "both"}, .absent = "both"}},
      {"steps", &options.steps, "Optimiser steps in all", {.least = 1}},
      {"batch_size",
       &options.batch_size,
       "Passages a step, of each process",
       {.least = 1, .most = 65536}},
      {"learning_rate", &options.learning_rate, "Of Adam, at the start", {.above = 0, .below = 1}},
      {"learning_rate_decay",
       &options.learning_rate_decay,
       "Factor a step",
       {.above = 0, .most = 1}},
      {"min_learning_rate", &options.min_learning_rate, "Where the decay ends", {.least = 0}},
      {"clip_norm",
       &options.clip_norm,
       "A longer gradient, over all weights, is scaled down to this length",
       {.above = 0}},
      {"skip_norm", &options.skip_norm, "A gradient longer than this is dropped", {.above = 0}},
      {"beta", &options.beta, "Weight of the KL term", {.least = 0}},
      {"beta_rate",
       &options.beta_rate,
       "Annealing, beta (1 - rate^step); 0 is none",
       {.least = 0, .below = 1}},
      {"beta_cycle",
       &options.beta_cycle,
       "Steps after which beta grows again from 0, over their first half; 0 is once and for all",
       {.least = 0, .absent = 0}},
      {"free_bits", &options.free_bits, "KL bits a passage that cost nothing", {.least = 0}},
      {"free_bits_each",
       &options.free_bits_each,
       "KL bits of each passage and dimension that cost nothing",
       {.least = 0, .absent = 0}},
      {"importance_samples",
       &options.importance_samples,
       "Draws of z for each passage under --objective iwae",
       {.least = 1, .most = 1024, .absent = plain.importance_samples}},
      {"doubly_reparameterised",
       &options.doubly_reparameterised,
       "Whether iwae takes the gradient of less variance (DReG)",
       {.absent = plain.doubly_reparameterised}},
      {"mmd_weight",
       &options.mmd_weight,
       "Weight of the discrepancy under --objective mmd",
       {.least = 0, .absent = plain.mmd_weight}},
      {"sparsity",
       &options.sparsity,
       "How --objective sparse holds codes down: by their size, or by the units' activity",
       {.choices = {"l1", "kl"}, .absent = plain.sparsity}},
      {"sparsity_weight",
       &options.sparsity_weight,
       "Weight of that",
       {.least = 0, .absent = plain.sparsity_weight}},
      {"sparsity_target",
       &options.sparsity_target,
       "Activity of a unit under --sparsity kl",
       {.above = 0, .below = 1, .absent = plain.sparsity_target}},
      {"contraction_weight",
       &options.contraction_weight,
       "Weight of the Jacobian under --objective contractive",
       {.least = 0, .absent = plain.contraction_weight}},
      {"corruption",
       &options.corruption,
       "Share of rows struck out, and of notes moved, under --objective denoising",
       {.least = 0, .most = 1, .absent = plain.corruption}},
      {"relaxation",
       &options.relaxation,
       "Temperature of a categorical z at the start",
       {.above = 0, .absent = plain.relaxation}},
      {"relaxation_rate",
       &options.relaxation_rate,
       "Its factor a step",
       {.above = 0, .most = 1, .absent = plain.relaxation_rate}},
      {"min_relaxation",
       &options.min_relaxation,
       "Where it ends",
       {.above = 0, .absent = plain.min_relaxation}},
      {"straight_through",
       &options.straight_through,
       "Whether the decoder sees a categorical z one-hot in training, too",
       {.absent = plain.straight_through}},
      {"scheduled_sampling",
       &options.scheduled_sampling,
       "k of its schedule; 0 is teacher forcing",
       {.least = 0}},
      {"row_dropout",
       &options.row_dropout,
       "Share of rows hidden from the decoder, below 1",
       {.least = 0, .below = 1, .absent = 0}},
      {"gap_share",
       &options.gap_share,
       "Share of batches with missing bars, for families that inpaint; 0 trains a VAE",
       {.least = 0, .most = 1, .absent = 0}},
      {"whole_steps",
       &options.whole_steps,
       "Steps before the first batch with missing bars",
       {.least = 0, .absent = 0}},
      {"transpose_down", &options.transpose_down, "Augmentation, semitones", {.least = 0}},
      {"transpose_up", &options.transpose_up, "Augmentation, semitones", {.least = 0}},
      {"piece_weight",
       &options.piece_weight,
       "1 treats all windows alike, 0 all pieces",
       {.least = 0, .most = 1}},
      {"mixed_precision",
       &options.mixed_precision,
       "Products in bfloat16 where that is faster: on a GPU, on a CPU with AMX",
       {.absent = false}},
      {"validate_every", &options.validate_every, "Steps", {.least = 1}},
      {"patience",
       &options.patience,
       "Validations without a better one before stopping; 0 never",
       {.least = 0}},
      {"seed", &options.seed, "Same seed and threads, same model"},
  };
  for (auto& setting : models::settings(options.model)) {
    setting.key = "model." + setting.key;
    all.push_back(std::move(setting));
  }
  return all;
}

nlohmann::json to_json(const TrainingOptions& options) {
  TrainingOptions copy = options;
  auto json = models::to_json(settings(copy));
  json["model"] = models::to_json(options.model);
  return json;
}

TrainingOptions training_options_from_json(const nlohmann::json& json) {
  TrainingOptions options;
  models::read_settings(json, settings(options));
  return options;
}

namespace {

/// Throws ModelError where options contradict each other, or the model has no use for them.
void check_options(const TrainingOptions& options) {
  const auto chosen = models::resolved(options.model);
  if (options.beta_cycle > 0 && options.beta_rate > 0) {
    throw models::ModelError(
        "beta_cycle and beta_rate are two ways for beta to grow; leave out one of them");
  }
  if (options.doubly_reparameterised &&
      (chosen.objective != "iwae" || chosen.posterior != "gaussian")) {
    throw models::ModelError(
        "doubly_reparameterised is a gradient of objective 'iwae' for posterior 'gaussian'; the "
        "model's are '" +
        chosen.objective + "' and '" + chosen.posterior + "'");
  }
}

}  // namespace

void validate(const TrainingOptions& options) {
  TrainingOptions copy = options;
  models::validate(settings(copy));
  check_options(options);
}

models::LossOptions loss_options(const TrainingOptions& options) {
  return {.learn = nlohmann::json(options.learn).get<models::Learn>(),
          .beta = options.beta,
          .free_bits = options.free_bits,
          .free_bits_each = options.free_bits_each,
          .importance_samples = options.importance_samples,
          .doubly_reparameterised = options.doubly_reparameterised,
          .mmd_weight = options.mmd_weight,
          .sparsity = nlohmann::json(options.sparsity).get<models::Sparsity>(),
          .sparsity_weight = options.sparsity_weight,
          .sparsity_target = options.sparsity_target,
          .contraction_weight = options.contraction_weight,
          .corruption = options.corruption};
}

models::LossOptions loss_options(const TrainingOptions& options, std::int64_t step) {
  auto at_step = loss_options(options);
  at_step.beta = models::annealed_beta({options.beta, options.beta_rate, options.beta_cycle}, step);
  at_step.sampling_probability = models::sampling_probability(options.scheduled_sampling, step);
  at_step.row_dropout = options.row_dropout;
  at_step.draw = {models::annealed_relaxation(options.relaxation, options.relaxation_rate,
                                              options.min_relaxation, step),
                  options.straight_through};
  return at_step;
}

double learning_rate(const TrainingOptions& options, std::int64_t step) {
  const double decayed =
      options.learning_rate * std::pow(options.learning_rate_decay, static_cast<double>(step));
  return std::max(decayed, std::min(options.min_learning_rate, options.learning_rate));
}

}  // namespace musicvae
