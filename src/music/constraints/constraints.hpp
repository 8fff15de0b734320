#pragma once

#include <string>
#include <vector>

#include "datasets/codecs/codec.hpp"
#include "src/music/constraints/harmony.hpp"
#include "src/music/constraints/mixing.hpp"

namespace musicvae {

/// What new music keeps to, whatever a model would like.
struct Constraints {
  /// The pitches that may sound, bar by bar, and from the start again where there are more bars.
  /// Any where it is empty.
  std::vector<PitchSet> pitches = {};
  int most_sounding = 0;  ///< Notes that sound at once, at most; any number where it is 0.
  double notes_a_bar =
      0;  ///< About how many notes begin in a bar; as the model likes where it is 0.
  /// How many notes of each bar are to have begun by the end of each of its rows, about. As the
  /// model likes in bars beyond them and in those that have no rows here.
  NotesBegun notes_begun = {};
  /// How much the log-odds of each pitch class rise in each bar, likewise.
  std::vector<PitchClasses> leanings = {};

  bool any() const { return !pitches.empty() || most_sounding > 0 || notes_a_bar > 0; }
  /// The pitches of a bar that lies `bar` bars from the start.
  const PitchSet& pitches_at(std::size_t bar) const;
  /// The same for pieces of `bars` bars that follow each other: each begins with the first pitches.
  Constraints of_pieces(std::size_t bars) const;
  /// The constraints of music that begins `bars` bars later.
  Constraints from(std::size_t bars) const;
};

/// Throws Error where music of `codec` cannot keep to `constraints`: a bar has none of its pitches,
/// or rows are tokens, which leave notes uncounted.
void check(const Constraints& constraints, const datasets::Codec& codec);

/// Moves each note of `music`, which was made without them, to the nearest pitch that may sound,
/// the lower one of two, and leaves out those that sound then already or are too many.
void keep_to(const Constraints& constraints, datasets::Passage& music);

}  // namespace musicvae
