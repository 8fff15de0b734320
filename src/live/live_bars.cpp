#include "src/live/live_bars.hpp"

#include <algorithm>
#include <cmath>

namespace musicvae {

datasets::Passage to_bars(const midi::Score& heard, const datasets::Grid& grid,
                          const midi::Meter& meter, int bars) {
  auto passage = datasets::quantize(heard, grid, {.silent_end = false}).music;
  const datasets::Bar empty{meter, datasets::bar_length(grid, meter).value(), {}};
  if (bars > 0) passage.bars.resize(static_cast<std::size_t>(bars), empty);
  return passage;
}

midi::Playback to_playback(const datasets::Passage& bars, double quarters_per_minute) {
  datasets::ScoreStyle style;
  style.tempos = {
      {midi::Ticks(0), static_cast<std::uint32_t>(std::lround(60e6 / quarters_per_minute))}};
  const midi::Score score = datasets::to_score(bars, style);
  std::int64_t steps = 0;
  for (const datasets::Bar& bar : bars.bars) steps += bar.length.count;
  midi::PlaybackOptions options;
  options.to = midi::Ticks(steps * score.division.ticks_per_quarter / bars.grid.steps_per_quarter);
  auto playback = midi::make_playback(score, options);
  std::erase_if(playback.messages, [](const auto& m) { return m.message.kind() == 0xC0; });
  return playback;
}

}  // namespace musicvae
