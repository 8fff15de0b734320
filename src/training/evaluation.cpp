#include "src/training/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <span>
#include <utility>

#include <torch/utils.h>

#include "datasets/metrics/note_metrics.hpp"
#include "datasets/tensors/tensors.hpp"
#include "models/objective/elbo.hpp"
#include "models/objective/information.hpp"
#include "models/objective/loss.hpp"
#include "models/objective/metrics.hpp"
#include "models/registries.hpp"
#include "src/base/error.hpp"
#include "src/music/generation.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {
namespace {

using Rows = std::vector<std::vector<datasets::BarRows>>;

using Windows = std::span<const datasets::Window>;

// Streams of the seed's generator; a batch's first passage is added.
constexpr std::uint64_t kBoundNoise = 3ULL << 40, kInformationNoise = 4ULL << 40;

/// The passages of the mutual information, which takes the square of their number.
constexpr std::size_t kMostInformed = 1024;

constexpr std::size_t kPiecesShown = 3;

/// The use of each component of a mixture, by the pieces of its passages.
class ComponentMeter {
 public:
  explicit ComponentMeter(const datasets::Corpus& corpus) : corpus_(corpus) {}

  /// `log_density_BK` is Prior::component_log_density_BK().
  void add(const torch::Tensor& log_density_BK, Windows windows) {
    const auto use_BK = torch::softmax(log_density_BK, 1).to(torch::kCPU, torch::kDouble);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const auto use_K = use_BK[static_cast<std::int64_t>(i)];
      auto& piece_K = by_piece_[windows[i].piece];
      piece_K = piece_K.defined() ? piece_K + use_K : use_K;
    }
    passages_ += windows.size();
  }
  /// `shares_K` are those of the prior.
  std::vector<ComponentUse> result(const torch::Tensor& shares_K) const {
    std::vector<ComponentUse> all;
    for (std::int64_t k = 0; k < shares_K.size(0); ++k) {
      all.push_back(use_of(k, shares_K[k].item<double>()));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.use > b.use; });
    return all;
  }
  bool empty() const { return passages_ == 0; }

 private:
  ComponentUse use_of(std::int64_t k, double share) const {
    std::vector<std::pair<double, std::size_t>> pieces;
    double sum = 0;
    for (const auto& [piece, use_K] : by_piece_) {
      pieces.emplace_back(-use_K[k].item<double>(), piece);
      sum -= pieces.back().first;
    }
    std::sort(pieces.begin(), pieces.end());
    ComponentUse use{k, share, sum / double(passages_), {}};
    for (const auto& [negative, piece] : pieces) {
      // Half a passage: less is nothing that a component stands for.
      if (use.pieces.size() == kPiecesShown || -negative < 0.5) break;
      use.pieces.push_back(corpus_.info(piece).name);
    }
    return use;
  }

  datasets::Corpus corpus_;
  std::map<std::size_t, torch::Tensor> by_piece_;
  std::size_t passages_ = 0;
};

/// Sums over batches of everything an Evaluation tells.
class Meter {
 public:
  Meter(const MusicModel& model, const datasets::Corpus& corpus, std::size_t passages,
        const EvaluationOptions& options, const TakeLatent& take)
      : model_(model),
        options_(options),
        take_(take),
        draws_(models::objective_traits(model.network->config().objective).noise),
        one_latent_(!model.network->has_bar_latents()),
        informs_(draws_ && one_latent_ &&
                 models::posterior_traits(model.network->config().posterior).density),
        stride_((passages + kMostInformed - 1) / kMostInformed),
        components_(corpus) {}

  void add(const Rows& rows, Windows windows, std::uint64_t batch_index) {
    const auto batch = make_batch(model_, rows);
    const models::LossOptions options{.objective = draws_ ? "elbo" : "ae"};
    elbo_.add(models::compute_loss(*model_.network, batch, options,
                                   make_generator(options_.seed, batch_index)));
    const auto posterior = model_.network->encode(batch);
    const auto centre_BZ = model_.network->posterior_kind().centre_BZ(posterior);
    active_.add(centre_BZ);
    if (one_latent_) add_latents(batch, posterior, centre_BZ, windows, batch_index);
    if (options_.reconstruct) reconstruct(rows, batch, centre_BZ, batch_index);
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
    if (draws_) {
      result.kl_bits = elbo_.kl_bits();
      result.elbo_bits = elbo_.elbo_bits();
    }
    if (bound_passages_ > 0) result.iwae_bits = bound_ / double(bound_passages_) / std::log(2.0);
    if (information_.passages() > 0) {
      result.mutual_information_bits = information_.bits(*model_.network);
    }
    if (!components_.empty()) {
      const auto shares_K = model_.network->prior_kind().component_shares_K();
      result.components = components_.result(shares_K.to(torch::kCPU, torch::kDouble));
    }
    result.active_units = active_.count();
    return result;
  }

 private:
  void add_latents(const models::Batch& batch, const models::Posterior& posterior,
                   const torch::Tensor& centre_BZ, Windows windows, std::uint64_t batch_index) {
    const auto own_K = model_.network->prior_kind().component_log_density_BK(centre_BZ);
    if (own_K.defined()) components_.add(own_K, windows);
    give_latents(centre_BZ, windows);
    if (!draws_) return;
    if (options_.bound_samples > 0) {
      const auto bound_B =
          models::importance_bound_B(*model_.network, batch, options_.bound_samples,
                                     make_generator(options_.seed, kBoundNoise + batch_index));
      bound_ += bound_B.sum().item<double>();
      bound_passages_ += bound_B.size(0);
    }
    if (informs_) inform(posterior, batch_index);
  }

  void give_latents(const torch::Tensor& centre_BZ, Windows windows) const {
    if (!take_) return;
    const auto values = centre_BZ.to(torch::kCPU, torch::kFloat).contiguous();
    const auto size = values.size(1);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const float* first = values.data_ptr<float>() + static_cast<std::int64_t>(i) * size;
      take_(windows[i], Latent(first, first + size));
    }
  }

  /// Keeps every so many passages' posteriors.
  void inform(const models::Posterior& posterior, std::uint64_t batch_index) {
    const auto count = static_cast<std::size_t>(posterior.mu_BZ.size(0));
    const auto draw = models::draw_posterior(
        *model_.network, posterior,
        models::posterior_noise(*model_.network, posterior,
                                make_generator(options_.seed, kInformationNoise + batch_index)));
    std::vector<std::int64_t> kept;
    for (std::size_t i = 0; i < count; ++i) {
      if ((batch_index + i) % stride_ == 0) kept.push_back(static_cast<std::int64_t>(i));
    }
    if (kept.empty()) return;
    const auto index = torch::tensor(kept, torch::kLong).to(posterior.mu_BZ.device());
    information_.add(
        {posterior.mu_BZ.index_select(0, index), posterior.sigma_BZ.index_select(0, index)},
        draw.z_BZ.index_select(0, index));
  }

  void reconstruct(const Rows& rows, const models::Batch& batch, const torch::Tensor& z_BZ,
                   std::uint64_t batch_index) {
    const auto seed = options_.seed + batch_index;
    const auto kind = model_.network->config().row_kind;
    const auto sampled = generate_rows(model_, z_BZ, rows, {options_.temperature, seed});
    const auto greedy = generate_rows(model_, z_BZ, rows, {0.0, seed});
    sampled_ += models::reconstruction_accuracy(kind, batch, sampled);
    greedy_ += models::reconstruction_accuracy(kind, batch, greedy);
    count_notes(rows, greedy);
  }

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
  const TakeLatent& take_;
  bool draws_;       // Whether z is drawn, so that there is an ELBO.
  bool one_latent_;  // Whether each passage has one latent.
  bool informs_;
  std::size_t stride_;  // From one passage that informs to the next.
  ComponentMeter components_;
  models::MutualInformation information_;
  double bound_ = 0;  // Nats.
  std::int64_t bound_passages_ = 0;
  models::ElboMeter elbo_;
  models::ActiveUnits active_;
  models::RowAccuracy sampled_;
  models::RowAccuracy greedy_;
  datasets::NoteCounts notes_;
};

}  // namespace

nlohmann::json to_json(const Evaluation& evaluation) {
  const auto or_null = [](const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  return {{"passages", evaluation.passages},
          {"rows", evaluation.rows},
          {"teacher_forced_accuracy", evaluation.teacher_forced_accuracy},
          {"reconstruction_accuracy", evaluation.reconstruction_accuracy},
          {"greedy_accuracy", evaluation.greedy_accuracy},
          {"note_f1_onset_pitch", evaluation.note_f1_onset_pitch},
          {"note_f1_duration", evaluation.note_f1_duration},
          {"bits_per_row", evaluation.bits_per_row},
          {"kl_bits", or_null(evaluation.kl_bits)},
          {"elbo_bits", or_null(evaluation.elbo_bits)},
          {"iwae_bits", or_null(evaluation.iwae_bits)},
          {"mutual_information_bits", or_null(evaluation.mutual_information_bits)},
          {"active_units", evaluation.active_units}};
}

nlohmann::json to_json(const std::vector<ComponentUse>& components) {
  auto json = nlohmann::json::array();
  for (const auto& component : components) {
    json.push_back({{"component", component.component},
                    {"share", component.share},
                    {"use", component.use},
                    {"pieces", component.pieces}});
  }
  return json;
}

std::string describe(const std::vector<ComponentUse>& components) {
  std::string text;
  for (const auto& component : components) {
    char line[96];
    std::snprintf(line, sizeof line,
                  "component %lld: share %.3f of the prior, %.3f of the passages",
                  static_cast<long long>(component.component), component.share, component.use);
    text += line;
    for (const auto& piece : component.pieces) {
      text += (&piece == component.pieces.data() ? ": " : ", ") + piece;
    }
    text += '\n';
  }
  return text;
}

Evaluation evaluate(const MusicModel& model, const datasets::Corpus& corpus,
                    const std::vector<datasets::Window>& windows, const EvaluationOptions& options,
                    const EvaluationProgress& progress, const TakeLatent& take) {
  const torch::NoGradGuard no_grad;
  Meter meter(model, corpus, windows.size(), options, take);
  const auto size = static_cast<std::size_t>(options.batch_size);
  for (std::size_t first = 0; first < windows.size(); first += size) {
    const auto last = std::min(first + size, windows.size());
    Rows rows;
    for (std::size_t i = first; i < last; ++i) {
      rows.push_back(datasets::rows_of(corpus, *model.codec, windows[i]));
    }
    meter.add(rows, std::span(windows).subspan(first, last - first), first);
    report_progress(progress, last, windows.size());
  }
  return meter.result();
}

}  // namespace musicvae
