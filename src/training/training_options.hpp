#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/config.hpp"

namespace musicvae {

/// Everything a training run depends on besides its data: written to the run's folder, so that it
/// can be resumed or repeated.
struct TrainingOptions {
  std::string codec = "notes";
  int steps_per_quarter = 4;
  models::ModelConfig model;  ///< Row kind, row width and control width are the codec's to set.

  int batch_size = 64;                  ///< Passages a step.
  double learning_rate = 1e-3;          ///< Adam (Kingma and Ba 2015).
  double learning_rate_decay = 0.9999;  ///< Factor a step, down to ...
  double min_learning_rate = 1e-5;
  double clip_norm = 1.0;         ///< Of the global gradient.
  double skip_norm = 1e4;         ///< A gradient longer than this is dropped, as in Magenta.
  double beta = 0.2;              ///< Weight of the KL term.
  double beta_rate = 0.0;         ///< Annealing: beta (1 - rate^step); 0 is none.
  double free_bits = 48;          ///< Of a passage's KL.
  double scheduled_sampling = 0;  ///< k of the inverse sigmoid schedule; 0 is teacher forcing.
  double row_dropout = 0;         ///< Of the rows that the decoder reads; below 1.
  double gap_share = 0.9;  ///< Of batches in which an inpainter's bars are missing; 0 trains a VAE.
  std::int64_t whole_steps = 0;  ///< Steps before the first gaps.
  int transpose_down = 5;        ///< Augmentation, semitones.
  int transpose_up = 6;
  double piece_weight = 0.5;    ///< 1 treats all windows alike, 0 all pieces.
  bool mixed_precision = true;  ///< See models::MixedPrecision.

  std::int64_t steps = 2000;          ///< Optimiser steps in all.
  std::int64_t validate_every = 100;  ///< Steps.
  int patience = 0;  ///< Validations without a better one before stopping; 0 never stops.
  std::uint64_t seed = 1;
};

nlohmann::json to_json(const TrainingOptions& options);
/// Throws Error on unknown keys and wrong types.
TrainingOptions training_options_from_json(const nlohmann::json& json);
/// Throws Error naming the option that makes no sense.
void validate(const TrainingOptions& options);

/// Learning rate at `step`.
double learning_rate(const TrainingOptions& options, std::int64_t step);

/// A named starting point.
struct Preset {
  std::string_view name;
  std::string_view summary;
  TrainingOptions options;
};
const std::vector<Preset>& presets();
/// Throws Error naming the presets there are.
const Preset& find_preset(std::string_view name);

}  // namespace musicvae
