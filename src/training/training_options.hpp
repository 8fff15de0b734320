#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/config.hpp"
#include "models/objective/loss.hpp"

namespace musicvae {

/// Everything a training run depends on besides its data: written to the run's folder, so that it
/// can be resumed or repeated. The table in training_options.cpp says what each setting means.
struct TrainingOptions {
  std::string codec = "notes";
  int steps_per_quarter = 4;
  models::ModelConfig model;  ///< The codec sets row kind, row width and control width.

  std::string learn = "both";  ///< A name of models::Learn.
  int batch_size = 64;
  double learning_rate = 1e-3;  ///< Adam (Kingma and Ba 2015).
  double learning_rate_decay = 0.9999;
  double min_learning_rate = 1e-5;
  double clip_norm = 1.0;
  double skip_norm = 1e4;  ///< As in Magenta.
  double beta = 0.2;
  double beta_rate = 0.0;
  std::int64_t beta_cycle = 0;
  double free_bits = 48;
  double free_bits_each = 0;
  double scheduled_sampling = 0;  ///< The inverse sigmoid schedule of Bengio et al. 2015.
  double row_dropout = 0;
  double gap_share = 0.9;
  std::int64_t whole_steps = 0;
  int transpose_down = 5;
  int transpose_up = 6;
  double piece_weight = 0.5;
  // What an objective or a categorical z is trained with; see models::LossOptions.
  int importance_samples = 8;
  bool doubly_reparameterised = false;
  double mmd_weight = 100;
  std::string sparsity = "l1";  ///< A name of models::Sparsity.
  double sparsity_weight = 0.1;
  double sparsity_target = 0.05;
  double contraction_weight = 0.1;
  double corruption = 0.1;
  double relaxation = 1;
  double relaxation_rate = 0.9997;
  double min_relaxation = 0.5;
  bool straight_through = false;
  bool mixed_precision = true;  ///< See models::MixedPrecision.

  std::int64_t steps = 2000;
  std::int64_t validate_every = 100;
  int patience = 0;
  std::uint64_t seed = 1;
};

/// The table of a run's settings; its rows point into `options`. The model's settings are among
/// them, and their keys start with "model.".
std::vector<models::Setting> settings(TrainingOptions& options);

nlohmann::json to_json(const TrainingOptions& options);
/// The inverse of to_json(). Throws models::ModelError where models::read_settings() or validate()
/// does.
TrainingOptions training_options_from_json(const nlohmann::json& json);
/// Throws models::ModelError naming the setting that is out of range, or what the model has no use
/// for.
void validate(const TrainingOptions& options);

/// Learning rate at `step`.
double learning_rate(const TrainingOptions& options, std::int64_t step);

/// The options of the loss, as they are at the end of training, on whole passages.
models::LossOptions loss_options(const TrainingOptions& options);
/// As they are at `step`.
models::LossOptions loss_options(const TrainingOptions& options, std::int64_t step);

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
