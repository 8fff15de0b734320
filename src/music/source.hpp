#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/codecs/codec.hpp"
#include "midi/file/reader.hpp"

namespace musicvae {

/// A MIDI file as a command takes it: read, laid out in bars, with what its output should keep.
struct Source {
  std::string path;
  midi::ReadResult file;
  datasets::Piece piece;
  datasets::ScoreStyle style;
};

/// Quantises `file`, which was read from `path`. Throws Error naming the file.
Source make_source(const std::string& path, midi::ReadResult file, const datasets::Grid& grid,
                   const datasets::QuantizeOptions& options = {});

/// As above for a model: throws Error where a bar does not fit the codec or require_notes() does.
Source make_source(const std::string& path, midi::ReadResult file, const datasets::Codec& codec,
                   const datasets::QuantizeOptions& options = {});

/// Throws Error naming `what`, a file or a part of one, where the codec can say none of the notes
/// of `music`, or there are none: to a model it would be silence.
void require_notes(const std::string& what, const datasets::Passage& music,
                   const datasets::Codec& codec);

/// Reads the file at `path` first; "-" is standard input.
Source load_source(const std::string& path, const datasets::Grid& grid,
                   const datasets::QuantizeOptions& options = {});
Source load_source(const std::string& path, const datasets::Codec& codec,
                   const datasets::QuantizeOptions& options = {});

/// The first `bars` bars of `source`; all where it has no more, or `bars` is 0. Throws Error where
/// require_notes() does.
Source first_bars(Source source, int bars, const datasets::Codec& codec);

/// What a user should know before trusting the result: repairs, guessed bars, a performance off the
/// grid.
std::vector<std::string> notices(const Source& source);

/// Says what was guessed, such as "it states no meter; its bars were guessed from its loudest
/// notes". Empty where nothing was.
std::string describe(const datasets::BarGuess& guess);

/// Says what was dropped, one line for each reason: "12 notes dropped: lower of simultaneous
/// notes".
std::vector<std::string> describe(const datasets::Dropped& dropped);

/// Writes music as a MIDI file in the style of its source; "-" is standard output.
void write_music(const datasets::Passage& music, const datasets::ScoreStyle& style,
                 const std::string& path);

/// A meter as text, such as "3/4", and back. Gives nothing where `text` is no meter.
std::string describe(const midi::Meter& meter);
std::optional<midi::Meter> meter_from(const std::string& text);

}  // namespace musicvae
