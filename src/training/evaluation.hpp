#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "datasets/corpus/windows.hpp"
#include "src/evaluation/progress.hpp"
#include "src/music/music_model.hpp"
#include "src/music/musicvae.hpp"

namespace musicvae {

struct EvaluationOptions {
  int batch_size = 64;
  double temperature = 1.0;  ///< For the sampled reconstruction; the paper's table uses 1.
  bool reconstruct = true;   ///< Sample and compare, besides teacher forcing.
  int bound_samples = 64;    ///< Draws of z for each passage in the IWAE bound; 0 leaves it out.
  std::uint64_t seed = 1;
};

/// What a component of a mixture prior stands for.
struct ComponentUse {
  std::int64_t component = 0;
  double share = 0;                 ///< Its share of what the prior draws.
  double use = 0;                   ///< Its share of the passages, by p(component | z).
  std::vector<std::string> pieces;  ///< Where it is used most, at most three.
};

/// Takes the z that stands for a passage.
using TakeLatent = std::function<void(const datasets::Window& window, const Latent& latent)>;

/// Metrics over a set of passages. Those of rows and bits are defined in
/// models/objective/metrics.hpp, those of notes in datasets/metrics/note_metrics.hpp.
struct Evaluation {
  std::int64_t passages = 0;
  std::int64_t rows = 0;
  double teacher_forced_accuracy = 0;  ///< Share of rows predicted from z and the true rows before.
  double reconstruction_accuracy = 0;  ///< Share of rows sampled right from z alone.
  double greedy_accuracy = 0;          ///< The same, taking the likeliest row each time.
  double note_f1_onset_pitch = 0;      ///< Notes of the greedy reconstruction.
  double note_f1_duration = 0;         ///< The same, where durations must match as well.
  double bits_per_row = 0;             ///< -log2 p(row | z, rows before), z sampled.
  // What follows is missing where it does not apply: where z is not drawn, where bars have latents
  // of their own, or where the posterior's density is not known.
  std::optional<double> kl_bits;    ///< Mean over passages.
  std::optional<double> elbo_bits;  ///< Mean over passages; at most 0.
  std::optional<double> iwae_bits;  ///< models::importance_bound_B(), a tighter bound; at most 0.
  /// models::MutualInformation of at most 1024 passages, evenly spread.
  std::optional<double> mutual_information_bits;
  std::int64_t active_units = 0;
  std::vector<ComponentUse> components;  ///< Where the prior is a mixture; the most used first.
};

/// The most used components and their pieces, one line each.
std::string describe(const std::vector<ComponentUse>& components);

/// The figures, without components.
nlohmann::json to_json(const Evaluation& evaluation);
nlohmann::json to_json(const std::vector<ComponentUse>& components);

/// Evaluates `model` on `windows` of `corpus`. Reconstructions are made from posterior means, the
/// ELBO from one sample of z. `take` gets the latent of each window, if each has one.
Evaluation evaluate(const MusicModel& model, const datasets::Corpus& corpus,
                    const std::vector<datasets::Window>& windows, const EvaluationOptions& options,
                    const EvaluationProgress& progress = {}, const TakeLatent& take = {});

}  // namespace musicvae
