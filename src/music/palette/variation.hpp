#pragma once

#include <vector>

#include "src/music/musicvae.hpp"

/// Variations of a piece, from itself to a stranger.
namespace musicvae {

struct VariationOptions {
  double similarity = 0.8;  ///< 1 is the piece itself, 0 a stranger.
  std::vector<int> bars;    ///< Ascending indices of the bars to vary. All where empty.
  /// The seed chooses the stranger. Sampling noise would hide the way to it. Where constraints name
  /// pitches, all of the way keeps to them, and 1 is the piece as far as it can be told with them.
  GenerationOptions generation{0.0};
};

struct Variation {
  datasets::Passage music;
  double note_f1 = 0;  ///< Onset and pitch, to the piece, over the bars that were varied.
  double t = 0;        ///< How far it stands on the way to the stranger, 0 to 1.
};

/// A variation of `piece`, which has notes: the point of the way (slerp, latent by latent) from
/// the piece to a stranger at which the note F1 lies between that of the piece's reconstruction
/// and that of the stranger as `similarity` says. So equal steps of `similarity` change equally
/// many notes, whatever the piece and the model.
///
/// The stranger is drawn from the model's prior and moved to the piece's key and register. What
/// comes again in the piece comes again in the variation, and a piece of one voice keeps to one.
/// What the codec could not say of the piece is added to `dropped`. Throws Error where `bars` are
/// none of the piece's, or it cannot keep to what constraints ask.
Variation vary(const MusicVae& model, const datasets::Passage& piece,
               const VariationOptions& options = {}, datasets::Dropped* dropped = nullptr);

/// Note F1 of onsets and pitches of `music` to `piece`, over `bars` (ascending indices), or over
/// all where it is empty.
double note_f1_in(const std::vector<int>& bars, const datasets::Passage& piece,
                  const datasets::Passage& music);

/// `music` in `bars` (ascending indices), and `piece`, which has as many bars, in all others. All
/// of `music` where `bars` is empty.
datasets::Passage changed_in(const std::vector<int>& bars, const datasets::Passage& piece,
                             datasets::Passage music);

/// `music` moved by the octaves that bring its mean pitch nearest to that of `like`. What would
/// leave `range` (lowest and highest pitch) is moved by octaves of its own.
datasets::Passage moved_to_register_of(const datasets::Passage& like, datasets::Passage music,
                                       std::pair<int, int> range);

/// `music` moved by the semitones (at most half an octave, and whole octaves) that bring its pitch
/// classes, weighted by duration, nearest to those of `like`, and then its mean pitch. What would
/// leave `range` (lowest and highest pitch) is moved by octaves of its own.
datasets::Passage moved_to_key_of(const datasets::Passage& like, datasets::Passage music,
                                  std::pair<int, int> range);

/// The line through `music` that moves by the smallest steps: at each onset the note nearest in
/// pitch to the one before, the first being the highest. A note ends where the next begins.
datasets::Passage to_one_voice(datasets::Passage music);

}  // namespace musicvae
