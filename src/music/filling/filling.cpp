#include "src/music/filling/filling.hpp"

#include <algorithm>
#include <utility>

#include "datasets/splice/splice.hpp"

namespace musicvae {
namespace {

using datasets::Passage;

std::vector<std::uint16_t> parts_to_fill(const FillRequest& request, const std::string& path,
                                         const datasets::Piece& piece) {
  const auto pitched = datasets::pitched_parts(piece);
  if (pitched.empty()) {
    throw Error(path + ": there are no notes in it" + (piece.report.notes > 0 ? " but drums" : ""));
  }
  if (request.track == kAllTracks) return pitched;
  if (!request.track.empty()) return {select_part(piece, request.track, request.text_encoding)};
  return select_parts(request.bars, piece);
}

bool is_sampled(const FillTask& task, Keep keep) {
  return !task.has_context() && keep == Keep::kNothing;
}

/// The fills from `first` on, no more than are drawn side by side in a short time.
std::vector<Passage> some_fills(const MusicVae& model, const FillTask& task,
                                InpaintingOptions options, int first, datasets::Dropped* dropped) {
  constexpr int kCandidatesAtOnce = 64;
  const int total = options.alternatives;
  options.alternatives =
      std::min(std::max(1, kCandidatesAtOnce / options.candidates), options.alternatives - first);
  options.generation = for_batch(options.generation, first);
  if (options.progress) {
    options.progress = [told = options.progress, first, some = options.alternatives,
                        all = total](double share) { return told((first + some * share) / all); };
  }
  if (is_sampled(task, options.keep)) {
    return model.sample(options.alternatives, task.music, options.generation);
  }
  datasets::Dropped again;  // Each batch drops the same.
  return model.inpaint(task.music, task.missing, options, first == 0 ? dropped : &again);
}

}  // namespace

std::vector<std::uint16_t> FillTask::parts_left() const {
  auto left = datasets::pitched_parts(source.piece);
  std::erase_if(left, [this](std::uint16_t part) {
    return std::binary_search(parts.begin(), parts.end(), part);
  });
  return left;
}

bool FillTask::has_notes_inside() const {
  return std::any_of(missing.begin(), missing.end(), [this](int bar) {
    return !music.bars[static_cast<std::size_t>(bar)].notes.empty();
  });
}

FillTask make_fill_task(const FillRequest& request, Source source) {
  const auto parts = parts_to_fill(request, source.path, source.piece);
  auto missing =
      select_bars(request.bars, source.piece, datasets::only_parts(source.piece.music, parts));
  return make_fill_task(request, std::move(source), std::move(missing));
}

FillTask make_fill_task(const FillRequest& request, Source source, std::vector<int> missing) {
  FillTask task{std::move(source), {}, {}, std::move(missing), {}};
  task.parts = parts_to_fill(request, task.source.path, task.source.piece);
  task.music = datasets::only_parts(task.source.piece.music, task.parts);
  task.places = bar_stretches(task.source.file.score, task.source.piece, task.missing);
  return task;
}

std::string default_filling_model(const FillRequest& request, const std::string& path,
                                  const midi::ReadResult& file,
                                  const datasets::QuantizeOptions& quantizing) {
  const auto piece = make_source(path, file, datasets::Grid{12}, quantizing).piece;
  return inpainting_model_for(
      datasets::only_parts(piece.music, parts_to_fill(request, path, piece)));
}

void check_filling(const MusicVae& model, const FillTask& task, Keep keep) {
  if (is_sampled(task, keep) || model.can_inpaint()) return;
  throw Error("a model of family '" + model.family() +
              "' cannot fill missing bars; name one that can by --model, or train one "
              "(--preset inpaint-melody-16bar-small)");
}

void make_fills(const MusicVae& model, const FillTask& task, const InpaintingOptions& options,
                datasets::Dropped* dropped, const TakeFill& take, const ReviseFill& revise) {
  const auto timing = options.keep == Keep::kRhythm ? datasets::FillTiming::kAsReplaced
                                                    : datasets::FillTiming::kOnGrid;
  for (int made = 0; made < options.alternatives;) {
    auto fills = some_fills(model, task, options, made, dropped);
    if (fills.empty()) return;  // The work was ended within.
    for (Passage& fill : fills) {
      if (revise) fill = revise(std::move(fill));
      const bool goes_on = take(datasets::replace_bars(task.source.file.score, task.source.piece,
                                                       task.missing, fill, task.parts, timing));
      ++made;
      if (!goes_on) return;
    }
  }
}

}  // namespace musicvae
