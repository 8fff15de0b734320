#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "midi/score.hpp"

/// Pitches, scales and chords as musicians write them. All throw Error, which says what would do,
/// on text that names none.
namespace musicvae {

/// Pitches by their MIDI numbers.
using PitchSet = std::bitset<midi::kPitches>;

/// All pitches whose pitch class, counted up from `tonic` (0 is C), is one of `steps`.
PitchSet in_all_octaves(int tonic, const std::vector<int>& steps);

/// A pitch by its name in scientific pitch notation, in which middle C is C4, or by its MIDI
/// number: "F#3", "Bb5", "60".
int parse_pitch(const std::string& text);

/// All pitches from one to another: "E2-C6" or "40-84".
PitchSet parse_range(const std::string& text);

/// Names of scales, for help and errors: "major", "harmonic-minor", "dorian", ...
std::vector<std::string> scale_names();

/// The pitches of a key, such as "D-minor" or "Dm", "Bb-major" or "F#", which is major. A scale by
/// name may take the place of the mode: "D-dorian". Minor is natural minor.
PitchSet parse_key(const std::string& text);
/// The scale `scale` on the tonic of `key`, whose own mode says nothing then.
PitchSet parse_scale(const std::string& key, const std::string& scale);

/// The key signature of a major or minor key, at tick 0. Nothing for other scales, and for keys of
/// more than seven sharps or flats.
std::optional<midi::KeyChange> key_signature(const std::string& key);

/// The pitches of one chord in all octaves: a root with a quality and, after a slash, a bass note,
/// such as "Dm", "G7", "F#m7b5", "Bbmaj7", "Csus4", "Am/C". "N.C." and "-" let any pitch be.
PitchSet parse_chord(const std::string& text);

/// Chord symbols that are parted by spaces, bar lines or new lines: "Dm G7 | C A".
std::vector<PitchSet> parse_chords(const std::string& text);

}  // namespace musicvae
