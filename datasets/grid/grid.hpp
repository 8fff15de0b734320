#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/error.hpp"
#include "midi/orchestra.hpp"
#include "midi/score.hpp"

/// Music as bars on a grid of steps.
namespace musicvae::datasets {

using Steps = Quantity<struct StepsTag, int>;

inline constexpr int kMaxStepsPerQuarter = 480;
inline constexpr int kMaxBars = 100'000;     ///< A piece with more is not music.
inline constexpr int kMaxQuarters = 50'000;  ///< Length of a piece, seven hours at 120 a minute.

struct Grid {
  int steps_per_quarter =
      4;  ///< 4 is sixteenths; 12 also holds triplets. At most kMaxStepsPerQuarter.

  bool operator==(const Grid&) const = default;
};

/// A bar's length, or nothing where the meter does not fall on the grid (5/32 at 4 steps a
/// quarter).
std::optional<Steps> bar_length(const Grid& grid, const midi::Meter& meter);

struct GridNote {
  Steps onset;     ///< From the start of its bar.
  Steps duration;  ///< At least 1; may reach past the bar's end.
  std::uint8_t pitch = 60;
  std::uint8_t velocity = 80;
  std::uint16_t part = 0;  ///< Index into Piece::parts.
  bool drum = false;       ///< Its part is drums, and its pitch names an instrument.

  bool operator==(const GridNote&) const = default;
};

/// One bar. Notes are those that start in it, sorted by onset, pitch, part.
struct Bar {
  midi::Meter meter;
  Steps length;  ///< That of the meter, or less in a pickup or before a meter change in mid-bar.
  std::vector<GridNote> notes;

  bool operator==(const Bar&) const = default;
};

/// Consecutive bars: what a codec turns into rows.
struct Passage {
  Grid grid;
  std::vector<Bar> bars;

  bool operator==(const Passage&) const = default;
};

/// One voice of the source: the notes of one channel of a port in one track, as midi::Voice says.
struct Part {
  std::string name;
  std::uint8_t channel = 0;
  std::uint8_t program = 0;  ///< At the first note.
  bool drums = false;
  std::uint8_t port = 0;

  bool operator==(const Part&) const = default;
};

/// What quantising did, so that nothing is lost in silence.
struct QuantizeReport {
  std::size_t notes = 0;
  std::size_t on_grid = 0;       ///< Onsets within 1/20 of a step of the grid.
  double mean_error = 0;         ///< Mean distance of an onset from its step, in steps (0 to 0.5).
  std::size_t merged_notes = 0;  ///< Notes that fell on another of the same part, pitch and step.
  std::size_t cut_notes = 0;  ///< Notes that end early, where their part strikes the pitch again.
  std::size_t off_grid_bars = 0;  ///< Bars whose meter is not a whole number of steps.

  double on_grid_share() const { return notes == 0 ? 1.0 : double(on_grid) / double(notes); }
  /// A performance rather than a score: under a quarter of the onsets lie on the grid, so its bars
  /// cannot be trusted. Chance alone gives a tenth, unbroken triplets on a grid of sixteenths a
  /// third.
  bool is_performed() const;
};

struct QuantizeOptions {
  bool guess_bars = true;  ///< Guess the bars of a file that states no meter, as BarGuess says.
  /// Keep the whole bars between the last note and the end of the longest track, unless there are
  /// more than midi::kMostSilentBars.
  bool silent_end = true;
};

/// What was guessed of the bars of a file that states no meter.
struct BarGuess {
  bool accents = false;  ///< Bar lines follow the loudest notes, not 4/4 from tick 0.
  bool upbeat = false;   ///< The first bar counts as bar 0: an accent cuts it short, or its first
                         ///< half at least is silent.

  bool any() const { return accents || upbeat; }
  bool operator==(const BarGuess&) const = default;
};

struct Piece {
  std::string name;
  Passage music;  ///< All bars of the piece.
  std::vector<Part> parts;
  BarGuess guess;
  QuantizeReport report;

  /// The number of the first bar: 1, or 0 where it was guessed to be an upbeat.
  int first_bar() const { return guess.upbeat ? 0 : 1; }
};

/// Bars of `score` on `grid`, each onset and end rounded to the nearest step (half a step up), up
/// to the bar in which the last note ends, and the silent bars after it. Without notes there are no
/// bars.
///
/// Bars follow the meters that the file states, from tick 0 on, whatever its notes are like. A
/// meter change in mid-bar cuts that bar short, and a first bar as short as an upbeat takes the
/// meter that follows. Where the file states no meter, bars are 4/4 from tick 0 unless a
/// guess moves them. Throws DatasetError where there is nothing to lay out: SMPTE time, a grid out
/// of range, more than kMaxBars or kMaxQuarters.
Piece quantize(const midi::Score& score, const Grid& grid, const QuantizeOptions& options = {});

/// What the model does not model, carried from an input to an output.
struct ScoreStyle {
  int ticks_per_quarter = 480;
  std::vector<Part> parts;          ///< Where empty: one part, program 0 (piano).
  std::vector<midi::Tempo> tempos;  ///< In ticks of `ticks_per_quarter`.
  std::vector<midi::KeyChange> keys;
  /// By time, in the same ticks, which are rounded to the grid as notes are. A channel without any
  /// has the program of its first part.
  std::vector<midi::ProgramChange> programs;
};

/// The style of `score`, of which `piece` is the music, at a resolution that holds the piece's grid
/// exactly where a file can state one.
ScoreStyle style_of(const midi::Score& score, const Piece& piece);

/// A passage as a Score with one track a part; meters come from the bars, an upbeat is stated as a
/// bar of its own meter. quantize() gives it back, as far as it keeps silent bars. A note whose
/// part the style lacks, or that is not a drum where its part is (or the reverse), goes to the
/// first part that can play it. Throws DatasetError where the style's resolution is coarser than
/// the grid.
midi::Score to_score(const Passage& passage, const ScoreStyle& style);

/// Bars [first, first + count) of `passage`; notes that sound past the end keep their duration.
/// Throws DatasetError where the passage has no such bars.
Passage slice(const Passage& passage, int first, int count);

}  // namespace musicvae::datasets
