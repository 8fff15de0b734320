#include <algorithm>
#include <bit>
#include <numeric>
#include <tuple>

#include "datasets/grid/bar_layout.hpp"
#include "datasets/grid/repeats.hpp"

namespace musicvae::datasets {
namespace {

/// The meter whose bar is `length` long, if there is one.
std::optional<midi::Meter> meter_of_length(const Grid& grid, Steps length) {
  const int whole_note = 4 * grid.steps_per_quarter;
  const int divisor = std::gcd(length.count, whole_note);
  int numerator = length.count / divisor, denominator = whole_note / divisor;
  if (!std::has_single_bit(unsigned(denominator)) || numerator < 1) return {};
  for (; denominator < 4; denominator *= 2) numerator *= 2;
  if (numerator > 255) return {};
  return midi::Meter{static_cast<std::uint8_t>(numerator), static_cast<std::uint16_t>(denominator)};
}

/// States the meter of each bar where it changes and where a bar line is not where the meter in
/// force would put it.
class MeterWriter {
 public:
  MeterWriter(const Grid& grid, const TickScale& scale, std::vector<midi::MeterChange>& changes)
      : grid_(grid), scale_(scale), changes_(changes) {}

  void write(const std::vector<Bar>& bars) {
    if (bars.empty()) return;
    Steps start;
    if (const auto upbeat = upbeat_meter(bars)) {
      state(start, *upbeat);
      start += bars[0].length;
      state(start, bars[0].meter);
    }
    for (std::size_t i = start == Steps(0) ? 0 : 1; i < bars.size(); start += bars[i++].length) {
      if (!in_force(start, bars[i].meter)) state(start, bars[i].meter);
    }
    if (!in_force(start, bars.back().meter)) state(start, bars.back().meter);
  }

 private:
  /// A short first bar before one of its own meter is read by all programs as a bar of its length.
  std::optional<midi::Meter> upbeat_meter(const std::vector<Bar>& bars) const {
    const bool is_short = is_upbeat_length(grid_, bars[0].length, bars[0].meter);
    const bool joins = bars.size() == 1 || bars[1].meter == bars[0].meter;
    if (!is_short || !joins || bars[0].length.count < 1) return {};
    return meter_of_length(grid_, bars[0].length);
  }

  bool in_force(Steps start, const midi::Meter& meter) const {
    return !changes_.empty() && changes_.back().meter == meter &&
           BarGrid(grid_, meter, since_).has_line(start);
  }

  void state(Steps start, const midi::Meter& meter) {
    const bool compound = meter.denominator >= 8 && meter.numerator % 3 == 0;
    const auto click = static_cast<std::uint8_t>(compound ? 36 : 24);
    changes_.push_back({scale_(start), meter, click, 8});
    since_ = start;
  }

  const Grid& grid_;
  const TickScale& scale_;
  std::vector<midi::MeterChange>& changes_;
  Steps since_;
};

/// The part that can play `note`: its own, else the first that is drums or not as the note is; one
/// is added where there is none.
std::uint16_t playable_part(const GridNote& note, std::vector<Part>& parts) {
  if (note.part < parts.size() && parts[note.part].is_drums() == note.drum) return note.part;
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const Part& part) { return part.is_drums() == note.drum; });
  const auto index = static_cast<std::uint16_t>(found - parts.begin());
  if (found == parts.end())
    parts.push_back({"", note.drum ? midi::kDrumChannel : std::uint8_t{0}, 0});
  return index;
}

/// The passage's notes, onsets from its start, each in a part that can play it.
std::vector<GridNote> placed_notes(const Passage& passage, std::vector<Part>& parts) {
  std::vector<GridNote> notes;
  Steps start;
  for (const Bar& bar : passage.bars) {
    for (const GridNote& note : bar.notes) {
      notes.push_back(note);
      notes.back().onset += start;
      notes.back().part = playable_part(note, parts);
    }
    start += bar.length;
  }
  separate_repeats(notes);
  return notes;
}

midi::Track empty_track(const Part& part, midi::Ticks end) {
  midi::Track track;
  track.name = part.name;
  const auto status = static_cast<std::uint8_t>(0xC0 | part.channel);
  track.messages.push_back({midi::Ticks(0), status, {part.program, 0}});
  track.end = end;
  return track;
}

void add_note(midi::Track& track, const GridNote& note, const Part& part, const TickScale& scale) {
  midi::Note result;
  result.onset = scale(note.onset);
  result.duration = scale(note.onset + note.duration) - result.onset;
  result.channel = part.channel;
  result.pitch = note.pitch;
  result.velocity = std::clamp<std::uint8_t>(note.velocity, 1, 127);
  track.notes.push_back(result);
  track.end = std::max(track.end, result.onset + result.duration);
}

Steps total_length(const Passage& passage) {
  Steps length;
  for (const Bar& bar : passage.bars) length += bar.length;
  return length;
}

}  // namespace

ScoreStyle style_of(const midi::Score& score, const Piece& piece) {
  ScoreStyle style{.parts = piece.parts, .tempos = score.tempos, .keys = score.keys};
  const int ticks = score.division.ticks_per_quarter;
  if (ticks <= 0) return style;
  style.ticks_per_quarter = resolution_for(ticks, piece.music.grid);
  const int factor = style.ticks_per_quarter / ticks;
  for (midi::Tempo& tempo : style.tempos) tempo.time = tempo.time * factor;
  for (midi::KeyChange& key : style.keys) key.time = key.time * factor;
  return style;
}

midi::Score to_score(const Passage& passage, const ScoreStyle& style) {
  if (style.ticks_per_quarter < passage.grid.steps_per_quarter) {
    throw DatasetError(std::to_string(style.ticks_per_quarter) + " ticks a quarter cannot hold " +
                       std::to_string(passage.grid.steps_per_quarter) + " steps");
  }
  std::vector<Part> parts = style.parts;
  if (parts.empty()) parts.emplace_back();
  const std::vector<GridNote> notes = placed_notes(passage, parts);
  const TickScale scale(style.ticks_per_quarter, passage.grid);

  midi::Score score;
  score.division.ticks_per_quarter = style.ticks_per_quarter;
  score.tempos = style.tempos;
  score.keys = style.keys;
  MeterWriter(passage.grid, scale, score.meters).write(passage.bars);
  for (const Part& part : parts) {
    score.tracks.push_back(empty_track(part, scale(total_length(passage))));
  }
  for (const GridNote& note : notes) {
    add_note(score.tracks[note.part], note, parts[note.part], scale);
  }
  return score;
}

}  // namespace musicvae::datasets
