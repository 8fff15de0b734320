#include "datasets/corpus/source.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "midi/file/reader.hpp"
#include "midi/file/sequence_path.hpp"
#include "src/base/file.hpp"

namespace musicvae::datasets {
namespace {

constexpr std::size_t kMostBytes = std::size_t(64) << 20;

/// Ends the reading of a file.
struct Refused {
  Refusal refusal;
};

std::vector<midi::ReadResult> read_sequences(const midi::SequencePath& path) {
  std::vector<std::byte> bytes;
  try {
    bytes = read_file(path.file, kMostBytes);
  } catch (const Error& error) {
    throw Refused{{"cannot be read from the disk", error.what()}};
  }
  try {
    auto sequences = midi::read_midi_sequences(bytes);
    if (!path.number) return sequences;
    return {midi::take_sequence(std::move(sequences), *path.number)};
  } catch (const midi::MidiError& error) {
    throw Refused{{"not MIDI: " + message_kind(error.what()), error.what()}};
  }
}

Piece quantized(const midi::Score& score, const Grid& grid, const CorpusOptions& options) {
  try {
    QuantizeOptions quantizing = options.quantizing;
    quantizing.silent_end = false;  // There is nothing to learn from it.
    Piece piece = quantize(score, grid, quantizing);
    if (options.keep_performed || !piece.report.is_performed()) return piece;
    const int percent = int(100 * piece.report.on_grid_share());
    throw Refused{{"performed off the grid; keep_performed takes such files",
                   std::to_string(percent) + " % of its onsets lie on the grid"}};
  } catch (const DatasetError& error) {
    throw Refused{{message_kind(error.what()), error.what()}};
  }
}

/// The stretches of bars that the codec can encode, in order. What stands together in the corpus
/// did so in the music, so a bar that it cannot encode parts a piece in two.
std::vector<Passage> encodable(const Passage& music, const Codec& codec,
                               std::set<std::string>& warnings) {
  std::vector<Passage> stretches;
  const int bars = int(music.bars.size());
  for (int first = 0, at = 0; at <= bars; ++at) {
    if (at < bars && codec.can_encode(music.bars[std::size_t(at)].length)) continue;
    if (at > first) stretches.push_back(slice(music, first, at - first));
    first = at + 1;
  }
  if (stretches.empty()) {
    throw Refused{
        {"no bar of a length that the codec can encode",
         "its first bar is of " + std::to_string(music.bars.front().length.count) + " steps"}};
  }
  int kept = 0;
  for (const Passage& stretch : stretches) kept += int(stretch.bars.size());
  if (kept < bars) warnings.insert("parted at bars that are too long for the codec");
  return stretches;
}

void note_repairs(const midi::ReadResult& read, const Piece& piece,
                  std::set<std::string>& warnings) {
  for (const midi::Warning& warning : read.warnings) warnings.insert(message_kind(warning.message));
  if (piece.guess.any()) warnings.insert("bars guessed, as no meter is stated");
  if (piece.report.off_grid_bars > 0) warnings.insert("bars whose meter is off the grid");
}

std::size_t note_total(const Passage& music) {
  std::size_t notes = 0;
  for (const Bar& bar : music.bars) notes += bar.notes.size();
  return notes;
}

std::string listed(const Dropped& dropped) {
  std::string text;
  for (const auto& [reason, notes] : dropped) {
    text += (text.empty() ? "" : ", ") + std::to_string(notes) + " " + reason;
  }
  return text;
}

SourcePiece to_piece(Passage music, const Codec& codec) {
  SourcePiece result;
  result.music = std::move(music);
  result.notes = note_total(result.music);
  for (const BarRows& bar : codec.encode(result.music, &result.dropped)) {
    result.max_rows = std::max(result.max_rows, bar.rows);
  }
  if (dropped_notes(result.dropped) >= result.notes) {
    throw Refused{{"no notes that the codec can say", listed(result.dropped)}};
  }
  result.print = fingerprint(result.music);
  return result;
}

/// At least one; throws Refused where there is none.
std::vector<SourcePiece> to_pieces(const Piece& piece, const Codec& codec,
                                   std::set<std::string>& warnings) {
  std::vector<SourcePiece> pieces;
  Refused last;
  for (Passage& stretch : encodable(piece.music, codec, warnings)) {
    try {
      pieces.push_back(to_piece(std::move(stretch), codec));
      pieces.back().split_position = split_position(fingerprint(piece.music));
    } catch (const Refused& refused) {
      last = refused;
    }
  }
  if (pieces.empty()) throw last;
  if (piece.report.merged_notes > 0) {
    pieces.front().dropped["on another note of its pitch and step"] += piece.report.merged_notes;
  }
  return pieces;
}

std::vector<SourceOutcome> to_outcomes(const midi::ReadResult& read, const Codec& codec,
                                       const CorpusOptions& options) {
  std::vector<SourceOutcome> outcomes;
  std::set<std::string> warnings;
  try {
    if (midi::note_count(read.score) == 0) throw Refused{{"no notes", "it holds no notes"}};
    const Piece piece = quantized(read.score, codec.grid(), options);
    note_repairs(read, piece, warnings);
    for (SourcePiece& part : to_pieces(piece, codec, warnings)) {
      outcomes.emplace_back().piece = std::move(part);
    }
  } catch (const Refused& refused) {
    outcomes.emplace_back().refusal = refused.refusal;
  }
  outcomes.front().warnings.assign(warnings.begin(), warnings.end());
  return outcomes;
}

}  // namespace

std::vector<SourceOutcome> read_source(const std::filesystem::path& path, const Codec& codec,
                                       const CorpusOptions& options) {
  const midi::SequencePath place = midi::parse_sequence_path(path);
  std::vector<SourceOutcome> sources;
  try {
    const auto sequences = read_sequences(place);
    for (const midi::ReadResult& sequence : sequences) {
      for (SourceOutcome& source : to_outcomes(sequence, codec, options)) {
        source.name = sequences.size() == 1 ? path.string()
                                            : midi::sequence_path(path, sequence.sequence).string();
        sources.push_back(std::move(source));
      }
    }
  } catch (const Refused& refused) {
    sources.push_back({path.string(), {}, refused.refusal, {}});
  }
  return sources;
}

std::string message_kind(const std::string& message) {
  const std::size_t end = std::min(message.find(", found "), message.rfind(" (byte "));
  const std::string_view text = std::string_view(message).substr(0, end);
  std::string kind;
  bool in_number = false;
  for (const char letter : text) {
    const bool digit = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    if (!digit) kind += letter;
    if (digit && !in_number) kind += 'N';
    in_number = digit;
  }
  return kind;
}

}  // namespace musicvae::datasets
