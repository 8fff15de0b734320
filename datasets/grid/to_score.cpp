#include <algorithm>
#include <bit>
#include <iterator>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "datasets/grid/bar_layout.hpp"
#include "datasets/grid/repeats.hpp"
#include "midi/part_mode.hpp"

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
  if (note.part < parts.size() && parts[note.part].drums == note.drum) return note.part;
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const Part& part) { return part.drums == note.drum; });
  const auto index = static_cast<std::uint16_t>(found - parts.begin());
  if (found == parts.end())
    parts.push_back({"", note.drum ? midi::kDrumChannel : std::uint8_t{0}, 0, note.drum});
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

/// The programs of a part's channel before `end`, the first of them from tick 0 on.
std::vector<midi::ProgramChange> programs_of(const Part& part, const ScoreStyle& style,
                                             const Grid& grid, midi::Ticks end) {
  const TickScale scale(style.ticks_per_quarter, grid);
  std::vector<midi::ProgramChange> programs;
  for (midi::ProgramChange change : style.programs) {
    if (change.port != part.port || change.channel != part.channel) continue;
    if (!programs.empty() && change.time >= end) break;
    change.time = scale(nearest_step(change.time, style.ticks_per_quarter, grid));
    programs.push_back(change);
  }
  if (programs.empty()) programs.push_back({{}, part.port, part.channel, part.program, 0, 0});
  programs.front().time = midi::Ticks(0);
  return programs;
}

/// Sets `programs`, with their banks if any is in one.
void set_programs(midi::Track& track, const std::vector<midi::ProgramChange>& programs) {
  const bool banks = std::any_of(programs.begin(), programs.end(), [](const auto& change) {
    return change.bank_msb != 0 || change.bank_lsb != 0;
  });
  for (const midi::ProgramChange& change : programs) {
    const auto control = static_cast<std::uint8_t>(0xB0 | change.channel);
    const auto program = static_cast<std::uint8_t>(0xC0 | change.channel);
    if (banks) track.messages.push_back({change.time, control, {0, change.bank_msb}});
    if (banks) track.messages.push_back({change.time, control, {32, change.bank_lsb}});
    track.messages.push_back({change.time, program, {change.program, 0}});
  }
}

/// A track for each part. The first of a channel sets it up.
class TrackMaker {
 public:
  TrackMaker(const ScoreStyle& style, const std::vector<Part>& parts, const Grid& grid,
             midi::Ticks end)
      : style_(style), parts_(parts), grid_(grid), end_(end) {
    names_ports_ =
        std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.port != 0; });
  }

  std::vector<midi::Track> make() {
    std::vector<midi::Track> tracks;
    for (const Part& part : parts_) tracks.push_back(track_of(part));
    return tracks;
  }

 private:
  midi::Track track_of(const Part& part) {
    midi::Track track;
    track.end = end_;
    if (names_ports_)
      track.metas.push_back({{}, midi::kPort, std::string(1, static_cast<char>(part.port))});
    if (!part.name.empty()) track.metas.push_back({{}, midi::kTrackName, part.name});
    if (!set_up_.insert({part.port, part.channel}).second) return track;
    set_programs(track, programs_of(part, style_, grid_, end_));
    if (sounds_as_drums(track, part) != part.drums)
      track.sysex.push_back({{}, 0xF0, midi::encode_part_mode({part.channel, part.drums})});
    return track;
  }

  /// Whether the part's notes would be drums by what `track` holds so far.
  static bool sounds_as_drums(const midi::Track& track, const Part& part) {
    midi::Score score;
    score.tracks = {track};
    score.tracks[0].notes = {{.onset = {}, .duration = midi::Ticks(1), .channel = part.channel}};
    return midi::find_orchestra(score).voices.front().drums;
  }

  const ScoreStyle& style_;
  const std::vector<Part>& parts_;
  const Grid& grid_;
  midi::Ticks end_;
  bool names_ports_ = false;
  std::set<std::pair<std::uint8_t, std::uint8_t>> set_up_;
};

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
  ScoreStyle style{.parts = piece.parts,
                   .tempos = midi::in_force(score.tempos),
                   .keys = midi::in_force(score.keys),
                   .programs = midi::find_orchestra(score).programs};
  const int ticks = score.division.ticks_per_quarter;
  if (ticks <= 0) return style;
  style.ticks_per_quarter = resolution_for(ticks, piece.music.grid);
  const int factor = style.ticks_per_quarter / ticks;
  for (midi::Tempo& tempo : style.tempos) tempo.time = tempo.time * factor;
  for (midi::KeyChange& key : style.keys) key.time = key.time * factor;
  for (midi::ProgramChange& change : style.programs) change.time = change.time * factor;
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
  MeterWriter(passage.grid, scale, score.meters).write(passage.bars);
  score.tracks = TrackMaker(style, parts, passage.grid, scale(total_length(passage))).make();
  for (const GridNote& note : notes) {
    add_note(score.tracks[note.part], note, parts[note.part], scale);
  }
  // A change of tempo or key far behind the music would make the file as long.
  midi::Ticks end;
  for (const midi::Track& track : score.tracks) end = std::max(end, track.end);
  const auto in_music = [end](const auto& change) { return change.time <= end; };
  std::ranges::copy_if(style.tempos, std::back_inserter(score.tempos), in_music);
  std::ranges::copy_if(style.keys, std::back_inserter(score.keys), in_music);
  return score;
}

}  // namespace musicvae::datasets
