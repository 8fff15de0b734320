#include "src/training/evaluation.hpp"

#include <algorithm>

#include <torch/utils.h>

#include "datasets/metrics/note_metrics.hpp"
#include "datasets/tensors/tensors.hpp"
#include "models/objective/elbo.hpp"
#include "models/objective/metrics.hpp"
#include "src/base/error.hpp"
#include "src/music/generation.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {
namespace {

using Rows = std::vector<std::vector<datasets::BarRows>>;

/// Sums over batches of everything an Evaluation tells.
class Meter {
 public:
  Meter(const MusicModel& model, const EvaluationOptions& options)
      : model_(model), options_(options) {}

  void add(const Rows& rows, std::uint64_t batch_index) {
    const auto batch = make_batch(model_, rows);
    elbo_.add(models::compute_loss(*model_.network, batch, {},
                                   make_generator(options_.seed, batch_index)));
    const auto mu_BZ = model_.network->encode(batch).mu_BZ;
    active_.add(mu_BZ);
    if (!options_.reconstruct) return;
    const auto seed = options_.seed + batch_index;
    const auto sampled = generate_rows(model_, mu_BZ, rows, {options_.temperature, seed});
    const auto greedy = generate_rows(model_, mu_BZ, rows, {0.0, seed});
    sampled_ += models::reconstruction_accuracy(model_.network->config().row_kind, batch, sampled);
    greedy_ += models::reconstruction_accuracy(model_.network->config().row_kind, batch, greedy);
    count_notes(rows, greedy);
  }

  Evaluation result() const {
    if (!elbo_.finite().item<bool>()) {
      throw Error("the model's loss is not a number: its weights are too large");
    }
    Evaluation result;
    result.passages = elbo_.passages();
    result.rows = elbo_.teacher_forced_accuracy().rows;
    result.teacher_forced_accuracy = elbo_.teacher_forced_accuracy().share();
    result.reconstruction_accuracy = sampled_.share();
    result.greedy_accuracy = greedy_.share();
    result.note_f1_onset_pitch = datasets::onset_pitch_score(notes_).f1;
    result.note_f1_duration = datasets::onset_pitch_duration_score(notes_).f1;
    result.bits_per_row = elbo_.bits_per_row();
    result.kl_bits = elbo_.kl_bits();
    result.elbo_bits = elbo_.elbo_bits();
    result.active_units = active_.count();
    return result;
  }

 private:
  void count_notes(const Rows& truth, const models::GeneratedRows& generated) {
    const auto estimates = datasets::from_tensors(generated.rows, generated.lengths_BU,
                                                  model_.codec->row_shape(), truth);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      notes_ += datasets::count_matches(model_.codec->decode(truth[i]),
                                        model_.codec->decode(estimates[i]));
    }
  }

  const MusicModel& model_;
  const EvaluationOptions& options_;
  models::ElboMeter elbo_;
  models::ActiveUnits active_;
  models::RowAccuracy sampled_;
  models::RowAccuracy greedy_;
  datasets::NoteCounts notes_;
};

}  // namespace

nlohmann::json to_json(const Evaluation& evaluation) {
  return {{"passages", evaluation.passages},
          {"rows", evaluation.rows},
          {"teacher_forced_accuracy", evaluation.teacher_forced_accuracy},
          {"reconstruction_accuracy", evaluation.reconstruction_accuracy},
          {"greedy_accuracy", evaluation.greedy_accuracy},
          {"note_f1_onset_pitch", evaluation.note_f1_onset_pitch},
          {"note_f1_duration", evaluation.note_f1_duration},
          {"bits_per_row", evaluation.bits_per_row},
          {"kl_bits", evaluation.kl_bits},
          {"elbo_bits", evaluation.elbo_bits},
          {"active_units", evaluation.active_units}};
}

Evaluation evaluate(const MusicModel& model, const datasets::Corpus& corpus,
                    const std::vector<datasets::Window>& windows, const EvaluationOptions& options,
                    const EvaluationProgress& progress) {
  const torch::NoGradGuard no_grad;
  Meter meter(model, options);
  const auto size = static_cast<std::size_t>(options.batch_size);
  for (std::size_t first = 0; first < windows.size(); first += size) {
    const auto last = std::min(first + size, windows.size());
    Rows rows;
    for (std::size_t i = first; i < last; ++i) {
      rows.push_back(datasets::rows_of(corpus, *model.codec, windows[i]));
    }
    meter.add(rows, first);
    report_progress(progress, last, windows.size());
  }
  return meter.result();
}

}  // namespace musicvae
