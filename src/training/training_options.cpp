#include "src/training/training_options.hpp"

#include <algorithm>
#include <cmath>

#include "datasets/codecs/codec.hpp"

namespace musicvae {

std::vector<models::Setting> settings(TrainingOptions& options) {
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
      {"free_bits", &options.free_bits, "KL bits a passage that cost nothing", {.least = 0}},
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

void validate(const TrainingOptions& options) {
  TrainingOptions copy = options;
  models::validate(settings(copy));
}

double learning_rate(const TrainingOptions& options, std::int64_t step) {
  const double decayed =
      options.learning_rate * std::pow(options.learning_rate_decay, static_cast<double>(step));
  return std::max(decayed, std::min(options.min_learning_rate, options.learning_rate));
}

}  // namespace musicvae
