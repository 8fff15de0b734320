#include "src/music/filling/continuation.hpp"

#include <utility>

#include "datasets/splice/extension.hpp"

namespace musicvae {
namespace {

datasets::Extension extend(const ContinuationRequest& request, const Source& source) {
  const auto& score = source.file.score;
  try {
    return request.lead_in ? datasets::with_bars_before(score, source.piece, request.bars)
                           : datasets::with_bars_after(score, source.piece, request.bars);
  } catch (const datasets::DatasetError& error) {
    throw Error(source.path + ": " + error.what());
  }
}

}  // namespace

FillTask make_continuation_task(const ContinuationRequest& request, Source source) {
  auto extended = extend(request, source);
  source.file.score = std::move(extended.score);
  source.piece = std::move(extended.piece);
  return make_fill_task(
      FillRequest{{}, request.track.empty() ? kAllTracks : request.track, request.text_encoding},
      std::move(source), std::move(extended.bars));
}

}  // namespace musicvae
