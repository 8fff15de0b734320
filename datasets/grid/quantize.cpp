#include <algorithm>
#include <cmath>

#include "datasets/grid/accents.hpp"
#include "datasets/grid/bar_layout.hpp"
#include "datasets/grid/part_places.hpp"
#include "datasets/grid/repeats.hpp"

namespace musicvae::datasets {
namespace {

constexpr double kOnGridTolerance = 0.05;  // Steps.
/// The longest piece. A piano roll of so many steps takes half a gigabyte while it is made.
constexpr int kMaxSteps = 1'000'000;

void check_input(const midi::Score& score, const Grid& grid) {
  if (grid.steps_per_quarter < 1 || grid.steps_per_quarter > kMaxStepsPerQuarter) {
    throw DatasetError("a grid of " + std::to_string(grid.steps_per_quarter) +
                       " steps a quarter: 1 to " + std::to_string(kMaxStepsPerQuarter) + " work");
  }
  if (score.division.is_smpte() || score.division.ticks_per_quarter <= 0) {
    throw DatasetError(
        "the file counts SMPTE frames, not quarter notes, so it has no bars: save it with ticks a "
        "quarter note");
  }
}

void check_times(const midi::Note& note, int ticks_per_quarter, const Grid& grid) {
  const int quarters = std::min(kMaxQuarters, kMaxSteps / grid.steps_per_quarter);
  const std::int64_t limit = std::int64_t{quarters} * ticks_per_quarter;
  const std::int64_t onset = note.onset.count, duration = note.duration.count;
  if (onset >= 0 && duration >= 0 && onset <= limit && duration <= limit - onset) return;
  throw DatasetError("a note at tick " + std::to_string(onset) + " that lasts " +
                     std::to_string(duration) + " ticks: music ends within " +
                     std::to_string(quarters) + " quarter notes at " +
                     std::to_string(grid.steps_per_quarter) + " steps a quarter");
}

void check_times(const midi::Score& score, const Grid& grid) {
  for (const midi::Track& track : score.tracks) {
    for (const midi::Note& note : track.notes) {
      check_times(note, score.division.ticks_per_quarter, grid);
    }
  }
}

/// In the order of PartPlaces.
std::vector<Part> parts_of(const midi::Score& score) {
  std::vector<Part> parts;
  for (const midi::Voice& voice : midi::find_orchestra(score).voices)
    parts.push_back({voice.name, voice.channel, voice.program, voice.drums, voice.port});
  return parts;
}

GridNote to_grid(const midi::Note& note, int ticks_per_quarter, const Grid& grid) {
  GridNote result;
  result.onset = nearest_step(note.onset, ticks_per_quarter, grid);
  const Steps end = nearest_step(note.onset + note.duration, ticks_per_quarter, grid);
  result.duration = std::max(end - result.onset, Steps(1));
  result.pitch = note.pitch;
  result.velocity = note.velocity;
  return result;
}

/// All notes on the grid, onsets from the start of the piece. Adds parts and counts to `piece`.
std::vector<GridNote> grid_notes(const midi::Score& score, const Grid& grid, Piece& piece) {
  const int ticks = score.division.ticks_per_quarter;
  std::vector<GridNote> notes;
  notes.reserve(midi::note_count(score));
  const PartPlaces places(score);
  piece.parts = parts_of(score);
  double total_error = 0;
  for (std::size_t track = 0; track < score.tracks.size(); ++track) {
    for (const midi::Note& note : score.tracks[track].notes) {
      notes.push_back(to_grid(note, ticks, grid));
      notes.back().part = places.part_of(track, note);
      notes.back().drum = piece.parts[notes.back().part].drums;
      const double exact = double(note.onset.count) * grid.steps_per_quarter / ticks;
      const double error = std::abs(exact - notes.back().onset.count);
      total_error += error;
      if (error <= kOnGridTolerance) ++piece.report.on_grid;
    }
  }
  piece.report.notes = notes.size();
  piece.report.mean_error = notes.empty() ? 0 : total_error / double(notes.size());
  return notes;
}

Steps last_end(const std::vector<GridNote>& notes) {
  Steps end;
  for (const GridNote& note : notes) end = std::max(end, note.onset + note.duration);
  return end;
}

/// Where the silence after the last note ends, or that note where the silence is too long.
Steps silence_end(const midi::Score& score, const Grid& grid, Steps last_end) {
  const int ticks = score.division.ticks_per_quarter;
  const midi::Ticks end = midi::end_time(score);
  const midi::Ticks music = TickScale(ticks, grid)(last_end);
  if (end - music > midi::bar_length_at(score, music) * midi::kMostSilentBars) return last_end;
  return std::max(last_end, nearest_step(end, ticks, grid));
}

/// The bars in which notes of up to `last_end` sound, and the whole bars from there to `end`.
BarLayout lay_out_music(const std::vector<MeterSpan>& spans, const Grid& grid, Steps last_end,
                        Steps end) {
  BarLayout layout = lay_out_bars(spans, grid, end);
  if (!layout.bars.empty() && layout.bars.back().start >= last_end &&
      layout.bars.back().start + layout.bars.back().length > end)
    layout.bars.pop_back();
  return layout;
}

/// Deals notes, sorted by onset, out to the bars they begin in.
std::vector<Bar> fill_bars(const std::vector<PlacedBar>& layout,
                           const std::vector<GridNote>& notes) {
  std::vector<Bar> bars;
  bars.reserve(layout.size());
  auto note = notes.begin();
  for (const PlacedBar& placed : layout) {
    bars.push_back({placed.meter, placed.length, {}});
    for (; note != notes.end() && note->onset < placed.start + placed.length; ++note) {
      bars.back().notes.push_back(*note);
      bars.back().notes.back().onset -= placed.start;
    }
  }
  return bars;
}

/// Whether the first bar is short, or silent in its first half at least.
bool begins_with_upbeat(const std::vector<Bar>& bars, const Grid& grid) {
  if (bars.empty()) return false;
  const Bar& first = bars.front();
  if (first.length < BarGrid(grid, first.meter, Steps(0)).line(1)) return true;
  return !first.notes.empty() && first.notes.front().onset * 2 >= first.length;
}

}  // namespace

bool QuantizeReport::is_performed() const { return on_grid_share() < 0.25; }

Piece quantize(const midi::Score& score, const Grid& grid, const QuantizeOptions& options) {
  check_input(score, grid);
  check_times(score, grid);
  Piece piece;
  piece.music.grid = grid;
  std::vector<GridNote> notes = grid_notes(score, grid, piece);
  const RepeatCounts repeats = separate_repeats(notes);
  piece.report.merged_notes = repeats.merged;
  piece.report.cut_notes = repeats.cut;
  const bool guessing = options.guess_bars && !states_meter(score);
  const auto spans =
      guessing ? follow_accents(midi::Meter{}, grid, notes) : meter_spans(score, grid);
  const Steps end = last_end(notes);
  const bool silence = options.silent_end && !notes.empty();
  const BarLayout layout =
      lay_out_music(spans, grid, end, silence ? silence_end(score, grid, end) : end);
  piece.report.off_grid_bars = layout.off_grid;
  piece.music.bars = fill_bars(layout.bars, notes);
  piece.guess.accents = guessing && spans.size() > 1;
  piece.guess.upbeat = guessing && begins_with_upbeat(piece.music.bars, grid);
  return piece;
}

}  // namespace musicvae::datasets
