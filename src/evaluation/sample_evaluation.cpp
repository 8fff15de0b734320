#include "src/evaluation/sample_evaluation.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "datasets/metrics/bar_figures.hpp"
#include "datasets/metrics/nearest_bar.hpp"
#include "datasets/metrics/pitch_classes.hpp"

namespace musicvae {
namespace {

using datasets::Bar;
using datasets::Passage;

bool is_whole(const datasets::Grid& grid, const Bar& bar) {
  return datasets::bar_length(grid, bar.meter) == bar.length;
}

void add_music(const Passage& passage, MusicFigures& figures) {
  ++figures.passages;
  figures.pitch_class_entropy.add(datasets::pitch_class_entropy(passage));
  figures.best_scale_share.add(datasets::best_scale_share(passage));
  figures.notes_per_bar.add(datasets::notes_per_bar(passage));
  figures.repeated_bars.add(datasets::repeated_bar_share(passage));
  figures.silent_bars.add(datasets::silent_bar_share(passage));
}

void add_distances(const Passage& passage, const datasets::BarIndex& data,
                   std::optional<std::size_t> own_piece, MusicFigures& figures) {
  for (const Bar& bar : passage.bars) {
    const auto distance = data.distance(bar, own_piece);
    if (!distance) continue;
    figures.distance_to_nearest_bar.add(distance);
    figures.copied_bars.add(*distance == 0 ? 1 : 0);
  }
}

}  // namespace

nlohmann::ordered_json to_json(const MusicFigures& figures) {
  return {{"passages", figures.passages},
          {"pitch_class_entropy", json_of(figures.pitch_class_entropy.value())},
          {"best_scale_share", json_of(figures.best_scale_share.value())},
          {"notes_per_bar", json_of(figures.notes_per_bar.value())},
          {"repeated_bars", json_of(figures.repeated_bars.value())},
          {"silent_bars", json_of(figures.silent_bars.value())},
          {"distance_to_nearest_bar", json_of(figures.distance_to_nearest_bar.value())},
          {"copied_bars", json_of(figures.copied_bars.value())}};
}

std::vector<Passage> sample_pieces(const MusicVae& model, int count, const Passage& layout,
                                   const GenerationOptions& options,
                                   const EvaluationProgress& progress) {
  constexpr int kAtOnce = 16;
  std::vector<Passage> samples;
  for (int first = 0; first < count; first += kAtOnce) {
    auto some = model.sample(std::min(kAtOnce, count - first), layout, for_batch(options, first));
    std::move(some.begin(), some.end(), std::back_inserter(samples));
    report_progress(progress, samples.size(), static_cast<std::size_t>(count));
  }
  return samples;
}

std::vector<Passage> whole_bar_passages(const Passage& piece, int bars) {
  std::vector<Passage> passages;
  int run = 0;
  for (int bar = 0; bar < static_cast<int>(piece.bars.size()); ++bar) {
    run = is_whole(piece.grid, piece.bars[static_cast<std::size_t>(bar)]) ? run + 1 : 0;
    if (run < bars) continue;
    passages.push_back(datasets::slice(piece, bar + 1 - bars, bars));
    run = 0;
  }
  return passages;
}

std::vector<Passage> passages_like(const Passage& sample, const Passage& piece) {
  auto passages = whole_bar_passages(piece, static_cast<int>(sample.bars.size()));
  std::erase_if(passages, [&](const Passage& passage) {
    return std::any_of(passage.bars.begin(), passage.bars.end(),
                       [&](const Bar& bar) { return bar.meter != sample.bars.front().meter; });
  });
  return passages;
}

SampleEvaluation evaluate_samples(std::span<const Passage> samples, std::span<const Passage> pieces,
                                  const EvaluationProgress& progress) {
  const datasets::BarIndex data(pieces);
  SampleEvaluation evaluation;
  for (const Passage& sample : samples) {
    add_music(sample, evaluation.samples);
    add_distances(sample, data, std::nullopt, evaluation.samples);
  }
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    for (const Passage& passage : passages_like(samples.front(), pieces[piece])) {
      add_music(passage, evaluation.data);
      add_distances(passage, data, piece, evaluation.data);
    }
    report_progress(progress, piece + 1, pieces.size());
  }
  return evaluation;
}

}  // namespace musicvae
