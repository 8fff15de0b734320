#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "datasets/grid/grid.hpp"

/// What a listener would call a piece's character, in numbers: those of MusicVAE's attribute
/// vectors (Roberts et al. 2018, section 5.3), and some that polyphony needs.
namespace musicvae::datasets {

/// Something that music has more or less of.
struct AttributeMeasure {
  std::string_view name;
  std::string_view meaning;  ///< With its unit, for people.
  /// Its value in `part`, some bars of a piece whose major scale has the tonic `tonic` (pitch
  /// class). Nothing where there are too few notes to tell. Drums do not count.
  std::optional<double> (*measure)(const Passage& part, int tonic);
};

/// All measures:
///
/// | density | onsets of notes a quarter |
/// | pitch | mean pitch |
/// | range | semitones from the lowest to the highest note |
/// | interval | mean step of the top line, the highest note of each onset, in semitones |
/// | syncopation16 | share of onsets on odd sixteenths, where none is a sixteenth before |
/// | syncopation8 | share of onsets on odd eighths, where none is an eighth before |
/// | polyphony | notes that sound at a time, where any do |
/// | diatonic | share of notes within the piece's major scale |
/// | repetition | share of the top line's steps that repeat a pitch |
const std::vector<AttributeMeasure>& attribute_measures();

/// The tonic of the major scale that holds the most notes of a piece; the lowest among equals.
int major_tonic(const Passage& piece);

/// The mean of a measure over parts of `bars` bars of a piece. Nothing where none has a value.
std::optional<double> mean_measure(const AttributeMeasure& measure, const Passage& piece, int bars);

}  // namespace musicvae::datasets
