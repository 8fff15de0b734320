#include "src/training/inpainting_evaluation.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include <torch/utils.h>

#include "datasets/metrics/inpainting_baselines.hpp"
#include "datasets/metrics/pitch_classes.hpp"
#include "datasets/tensors/tensors.hpp"
#include "models/layers/rows.hpp"
#include "models/objective/elbo.hpp"
#include "models/objective/loss.hpp"
#include "src/base/error.hpp"
#include "src/music/filling/inpainting.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {
namespace {

using datasets::BarRows;
using datasets::GapKind;
using datasets::Passage;
using Rows = std::vector<BarRows>;
using Losses = std::vector<std::optional<double>>;

// Seeds of the second samples lie beyond those of the first.
constexpr std::uint64_t kOtherSeeds = 1ULL << 32;

/// A passage with a gap: the true music, and what fills are measured by.
struct Gap {
  Rows rows;
  Passage music;  ///< `rows`, decoded.
  std::vector<bool> repeated;
  std::optional<datasets::IntervalRange> intervals;  ///< The whole piece's.
};

/// Gives `songs` with the missing bars taken from `fills`.
std::vector<Rows> with_gaps_of(const std::vector<Rows>& fills, std::vector<Rows> songs,
                               const GapLayout& gap) {
  for (std::size_t i = 0; i < songs.size(); ++i) {
    for (const int bar : gap.missing_bars()) {
      songs[i][static_cast<std::size_t>(bar)] = fills[i][static_cast<std::size_t>(bar)];
    }
  }
  return songs;
}

/// The missing bars among all bars.
std::span<const BarRows> missing_part(const Rows& rows, const GapLayout& gap) {
  return std::span(rows).subspan(static_cast<std::size_t>(gap.past),
                                 static_cast<std::size_t>(gap.missing));
}

/// Adds a fill of one gap to the scores of its kind.
class FillScorer {
 public:
  FillScorer(const datasets::Codec& codec, const GapLayout& layout)
      : codec_(codec), layout_(layout) {}

  void add(const Gap& gap, const Rows& fill, std::optional<double> loss,
           FillEvaluation& evaluation) const {
    const auto kind = static_cast<std::size_t>(datasets::gap_kind(gap.repeated));
    const Passage music = codec_.decode(fill);
    for (FillScores* scores : {&evaluation.all, &evaluation.by_kind[kind]}) {
      ++scores->passages;
      scores->loss.add(loss);
      add_rows(gap, fill, *scores);
      add_music(gap, music, *scores);
    }
  }

 private:
  void add_rows(const Gap& gap, const Rows& fill, FillScores& scores) const {
    const auto truth = missing_part(gap.rows, layout_);
    const auto filled = missing_part(fill, layout_);
    datasets::RowScore sum;
    for (std::size_t bar = 0; bar < truth.size(); ++bar) {
      const auto score = datasets::score_rows(truth.subspan(bar, 1), filled.subspan(bar, 1),
                                              codec_.pitch_tokens());
      sum += score;
      if (!gap.repeated[bar]) scores.new_bars += score;
    }
    scores.accuracy.add(sum.accuracy());
    scores.pitch_accuracy.add(sum.pitch_accuracy());
    scores.rhythm_accuracy.add(sum.rhythm_accuracy());
    scores.rhythm_class_accuracy.add(sum.rhythm_class_accuracy());
  }

  void add_music(const Gap& gap, const Passage& music, FillScores& scores) const {
    const Passage truth = datasets::slice(gap.music, layout_.past, layout_.missing);
    const Passage filled = datasets::slice(music, layout_.past, layout_.missing);
    scores.notes += datasets::count_matches(truth, filled);
    scores.pitch_class_distance.add(
        datasets::pitch_class_distance(truth, filled, datasets::NoteWeight::kOnset));
    scores.groove_similarity.add(datasets::groove_similarity(truth, filled));
    if (!gap.intervals || layout_.future == 0) return;
    const Passage next = datasets::slice(music, layout_.past + layout_.missing, 1);
    if (const auto leads = datasets::leads_on(filled, next, *gap.intervals)) {
      scores.leads_on.add(*leads ? 1 : 0);
    }
  }

  const datasets::Codec& codec_;
  GapLayout layout_;
};

/// Reads a corpus's windows as gaps.
class GapReader {
 public:
  GapReader(const datasets::Codec& codec, const datasets::Corpus& corpus,
            const std::vector<datasets::Window>& windows, const GapLayout& layout)
      : codec_(codec), corpus_(corpus), windows_(windows), layout_(layout) {}

  Gap read(std::size_t index) const {
    const auto piece = windows_[index].piece;
    Gap gap;
    gap.rows = datasets::rows_of(corpus_, codec_, windows_[index]);
    gap.music = codec_.decode(gap.rows);
    gap.repeated = datasets::repeated_bars(gap.rows, layout_.missing_bars());
    gap.intervals = datasets::interval_range(corpus_.passage(piece, 0, corpus_.info(piece).bars));
    return gap;
  }

  /// Gives `rows` with the future of the next window from another piece, or nothing where there is
  /// no such window.
  std::optional<Rows> with_other_future(std::size_t index, Rows rows) const {
    for (std::size_t step = 1; step < windows_.size(); ++step) {
      const auto& other = windows_[(index + step) % windows_.size()];
      if (other.piece == windows_[index].piece) continue;
      const Rows other_rows = datasets::rows_of(corpus_, codec_, other);
      std::copy(other_rows.end() - layout_.future, other_rows.end(), rows.end() - layout_.future);
      return rows;
    }
    return std::nullopt;
  }

 private:
  const datasets::Codec& codec_;
  const datasets::Corpus& corpus_;
  const std::vector<datasets::Window>& windows_;
  GapLayout layout_;
};

struct ForcedRows {
  std::vector<Rows> rows;
  Losses losses;  ///< Nats a row.
};

/// The likeliest rows of the gaps and their loss, each row given the true ones before it.
ForcedRows teacher_forced(const MusicModel& model, const std::vector<Rows>& songs,
                          const GapLayout& gap) {
  const torch::NoGradGuard no_grad;
  auto batch = make_batch(model, songs);
  batch.missing_BU = torch::zeros(batch.lengths_BU.sizes(), torch::kBool);
  batch.missing_BU.slice(1, gap.past, gap.past + gap.missing).fill_(true);
  batch.reading_BUD = model.network->read(batch);
  const auto logits_PW = model.network->decode(model.network->centre_BZ(batch), batch);
  const auto& config = model.network->config();
  const auto nats_B = models::row_loss_BUR(config, logits_PW, batch).sum({1, 2}).to(torch::kCPU);
  const auto rows_B = batch.target_lengths_BU().sum(1);
  const auto likeliest = datasets::from_tensors(
      batch.with_targets(batch.rows, models::likeliest_rows(config.row_kind, logits_PW)),
      batch.lengths_BU, model.codec->row_shape(), songs);
  ForcedRows forced{with_gaps_of(likeliest, songs, gap), {}};
  for (std::int64_t song = 0; song < rows_B.size(0); ++song) {
    forced.losses.push_back(nats_B[song].item<double>() / rows_B[song].item<double>());
  }
  return forced;
}

/// Evaluates windows batch by batch.
class InpaintingMeter {
 public:
  InpaintingMeter(const MusicModel& model, const GapReader& reader,
                  const InpaintingEvaluationOptions& options)
      : model_(model), reader_(reader), options_(options), scorer_(*model.codec, options.gap) {
    evaluation_.gap = options.gap;
  }

  /// Adds the windows [first, last).
  void add(std::size_t first, std::size_t last) {
    std::vector<Gap> gaps;
    std::vector<Rows> songs;
    for (std::size_t i = first; i < last; ++i) {
      gaps.push_back(reader_.read(i));
      songs.push_back(gaps.back().rows);
    }
    evaluation_.passages += std::ssize(gaps);
    add_copies(gaps, songs);
    const ForcedRows forced = teacher_forced(model_, songs, options_.gap);
    add_fills("teacher_forced", gaps, forced.rows, forced.losses);
    add_own_fills(gaps, songs, first);
  }

  const InpaintingEvaluation& result() const { return evaluation_; }

 private:
  void add_copies(const std::vector<Gap>& gaps, const std::vector<Rows>& songs) {
    const auto missing = options_.gap.missing_bars();
    std::vector<Rows> before, match;
    for (const Rows& song : songs) {
      before.push_back(datasets::copy_bar_before(song, missing));
      match.push_back(datasets::copy_best_match(song, missing));
    }
    add_fills("copy_bar_before", gaps, before);
    add_fills("copy_best_match", gaps, match);
  }

  void add_own_fills(const std::vector<Gap>& gaps, const std::vector<Rows>& songs,
                     std::size_t first) {
    const std::uint64_t seed = options_.seed + first;
    const auto greedy = fill(songs, 0, seed);
    const auto sampled = fill(songs, options_.temperature, seed);
    add_fills("greedy", gaps, greedy);
    add_fills("sampled", gaps, sampled);
    if (options_.candidates > 1) {
      add_fills("best_of_" + std::to_string(options_.candidates), gaps,
                fill(songs, options_.temperature, seed, options_.candidates));
    }
    compare(sampled, fill(songs, options_.temperature, seed + kOtherSeeds),
            evaluation_.distance_between_seeds);
    compare_futures(songs, greedy, first);
  }

  void compare_futures(const std::vector<Rows>& songs, const std::vector<Rows>& fills,
                       std::size_t first) {
    if (options_.gap.future == 0) return;
    std::vector<Rows> swapped;
    for (std::size_t i = 0; i < songs.size(); ++i) {
      auto other = reader_.with_other_future(first + i, songs[i]);
      if (!other) return;
      swapped.push_back(std::move(*other));
    }
    compare(fills, fill(swapped, 0, options_.seed + first), evaluation_.distance_between_futures);
  }

  void compare(const std::vector<Rows>& a, const std::vector<Rows>& b, Mean& distance) const {
    for (std::size_t i = 0; i < a.size(); ++i) {
      distance.add(datasets::row_distance(missing_part(a[i], options_.gap),
                                          missing_part(b[i], options_.gap)));
    }
  }

  std::vector<Rows> fill(const std::vector<Rows>& songs, double temperature, std::uint64_t seed,
                         int candidates = 1) const {
    InpaintingOptions options;
    options.generation = {temperature, seed};
    options.candidates = candidates;
    return inpaint_rows(model_, songs, options_.gap.missing_bars(), options);
  }

  void add_fills(const std::string& name, const std::vector<Gap>& gaps,
                 const std::vector<Rows>& fills, const Losses& losses = {}) {
    FillEvaluation& evaluation = named(name);
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      scorer_.add(gaps[i], fills[i], losses.empty() ? std::nullopt : losses[i], evaluation);
    }
  }

  FillEvaluation& named(const std::string& name) {
    auto& fills = evaluation_.fills;
    const auto found = std::find_if(fills.begin(), fills.end(),
                                    [&](const auto& each) { return each.fill == name; });
    return found != fills.end() ? *found : fills.emplace_back(FillEvaluation{name, {}, {}});
  }

  const MusicModel& model_;
  const GapReader& reader_;
  const InpaintingEvaluationOptions& options_;
  FillScorer scorer_;
  InpaintingEvaluation evaluation_;
};

nlohmann::json to_json(const FillScores& scores) {
  return {{"passages", scores.passages},
          {"accuracy", json_of(scores.accuracy.value())},
          {"pitch_accuracy", json_of(scores.pitch_accuracy.value())},
          {"rhythm_accuracy", json_of(scores.rhythm_accuracy.value())},
          {"rhythm_class_accuracy", json_of(scores.rhythm_class_accuracy.value())},
          {"loss", json_of(scores.loss.value())},
          {"new_bar_accuracy", json_of(scores.new_bars.accuracy())},
          {"new_bar_pitch_accuracy", json_of(scores.new_bars.pitch_accuracy())},
          {"note_f1", json_of(scores.note_f1())},
          {"pitch_class_distance", json_of(scores.pitch_class_distance.value())},
          {"groove_similarity", json_of(scores.groove_similarity.value())},
          {"leads_on", json_of(scores.leads_on.value())}};
}

void check(const MusicModel& model, const GapLayout& gap) {
  if (gap.bars() > model.bars()) {
    throw Error("a gap with its surroundings of " + std::to_string(gap.bars()) +
                " bars does not fit the model's passages of " + std::to_string(model.bars()) +
                "; choose fewer bars");
  }
  if (!model.network->inpaints()) {
    throw Error("a model of family '" + model.network->config().family +
                "' cannot fill missing bars; choose one that can");
  }
}

}  // namespace

std::vector<int> GapLayout::missing_bars() const {
  std::vector<int> bars(static_cast<std::size_t>(missing));
  std::iota(bars.begin(), bars.end(), past);
  return bars;
}

std::optional<double> FillScores::note_f1() const {
  if (passages == 0) return std::nullopt;
  return datasets::onset_pitch_score(notes).f1;
}

nlohmann::json to_json(const InpaintingEvaluation& evaluation) {
  nlohmann::json json{
      {"past", evaluation.gap.past},
      {"missing", evaluation.gap.missing},
      {"future", evaluation.gap.future},
      {"passages", evaluation.passages},
      {"distance_between_seeds", json_of(evaluation.distance_between_seeds.value())},
      {"distance_between_futures", json_of(evaluation.distance_between_futures.value())},
      {"fills", nlohmann::json::object()}};
  for (const FillEvaluation& fill : evaluation.fills) {
    json["fills"][fill.fill] = {
        {"all", to_json(fill.all)},
        {"repeating", to_json(fill.by_kind[static_cast<std::size_t>(GapKind::kRepeating)])},
        {"mixed", to_json(fill.by_kind[static_cast<std::size_t>(GapKind::kMixed)])},
        {"new", to_json(fill.by_kind[static_cast<std::size_t>(GapKind::kNew)])}};
  }
  return json;
}

InpaintingEvaluation evaluate_inpainting(const MusicModel& model, const datasets::Corpus& corpus,
                                         const std::vector<datasets::Window>& windows,
                                         const InpaintingEvaluationOptions& options,
                                         const EvaluationProgress& progress) {
  check(model, options.gap);
  const GapReader reader(*model.codec, corpus, windows, options.gap);
  InpaintingMeter meter(model, reader, options);
  const auto size = static_cast<std::size_t>(options.batch_size);
  for (std::size_t first = 0; first < windows.size(); first += size) {
    const auto last = std::min(first + size, windows.size());
    meter.add(first, last);
    report_progress(progress, last, windows.size());
  }
  return meter.result();
}

}  // namespace musicvae
