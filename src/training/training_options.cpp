#include "src/training/training_options.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/error.hpp"

namespace musicvae {
namespace {

/// Calls visit(key, field) for each plain field: the one list of names.
template <class Options, class Visit>
void visit_fields(Options& options, Visit visit) {
  visit("codec", options.codec);
  visit("steps_per_quarter", options.steps_per_quarter);
  visit("batch_size", options.batch_size);
  visit("learning_rate", options.learning_rate);
  visit("learning_rate_decay", options.learning_rate_decay);
  visit("min_learning_rate", options.min_learning_rate);
  visit("clip_norm", options.clip_norm);
  visit("skip_norm", options.skip_norm);
  visit("beta", options.beta);
  visit("beta_rate", options.beta_rate);
  visit("free_bits", options.free_bits);
  visit("scheduled_sampling", options.scheduled_sampling);
  visit("row_dropout", options.row_dropout);
  visit("gap_share", options.gap_share);
  visit("whole_steps", options.whole_steps);
  visit("transpose_down", options.transpose_down);
  visit("transpose_up", options.transpose_up);
  visit("piece_weight", options.piece_weight);
  visit("mixed_precision", options.mixed_precision);
  visit("steps", options.steps);
  visit("validate_every", options.validate_every);
  visit("patience", options.patience);
  visit("seed", options.seed);
}

void require(bool condition, const std::string& message) {
  if (!condition) throw Error("training options: " + message);
}

}  // namespace

nlohmann::json to_json(const TrainingOptions& options) {
  nlohmann::json json;
  visit_fields(options, [&](const char* key, const auto& field) { json[key] = field; });
  json["model"] = models::to_json(options.model);
  return json;
}

TrainingOptions training_options_from_json(const nlohmann::json& json) {
  TrainingOptions options;
  std::size_t known = 0;
  try {
    visit_fields(options, [&](const char* key, auto& field) {
      if (!json.contains(key)) return;
      json.at(key).get_to(field);
      ++known;
    });
    if (json.contains("model")) {
      options.model = models::config_from_json(json.at("model"));
      ++known;
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(std::string("training options: ") + error.what());
  }
  require(known == json.size(), "an unknown key stands beside the known ones");
  validate(options);
  return options;
}

void validate(const TrainingOptions& options) {
  require(options.steps_per_quarter >= 1 && options.steps_per_quarter <= 96,
          "steps per quarter must be 1 to 96");
  require(options.batch_size >= 1 && options.batch_size <= 65536, "batch size must be 1 to 65536");
  require(options.learning_rate > 0 && options.learning_rate < 1,
          "learning rate must lie between 0 and 1");
  require(options.min_learning_rate >= 0, "min learning rate must not be negative");
  require(options.learning_rate_decay > 0 && options.learning_rate_decay <= 1,
          "learning rate decay must be above 0 and at most 1");
  require(options.clip_norm > 0 && options.skip_norm > 0, "gradient norms must be above 0");
  require(options.beta >= 0, "beta must not be negative");
  require(options.beta_rate >= 0 && options.beta_rate < 1, "beta rate must be 0 to below 1");
  require(options.free_bits >= 0, "free bits must not be negative");
  require(options.scheduled_sampling >= 0, "scheduled sampling's k must not be negative");
  require(options.row_dropout >= 0 && options.row_dropout < 1, "row dropout must be 0 to below 1");
  require(options.gap_share >= 0 && options.gap_share <= 1, "gap share must be 0 to 1");
  require(options.whole_steps >= 0, "whole steps must not be negative");
  require(options.transpose_down >= 0 && options.transpose_up >= 0,
          "transposition ranges must not be negative");
  require(options.piece_weight >= 0 && options.piece_weight <= 1, "piece weight must be 0 to 1");
  require(options.steps >= 1, "steps must be at least 1");
  require(options.validate_every >= 1, "validate every must be at least 1");
  require(options.patience >= 0, "patience must not be negative");
}

double learning_rate(const TrainingOptions& options, std::int64_t step) {
  const double decayed =
      options.learning_rate * std::pow(options.learning_rate_decay, static_cast<double>(step));
  return std::max(decayed, std::min(options.min_learning_rate, options.learning_rate));
}

}  // namespace musicvae
