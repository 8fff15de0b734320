#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/codecs/codec.hpp"
#include "datasets/corpus/corpus.hpp"
#include "datasets/corpus/fingerprint.hpp"

/// One MIDI file on its way into a corpus.
namespace musicvae::datasets {

/// A piece as the corpus keeps it: every bar one that the codec can encode.
struct SourcePiece {
  Passage music;
  Fingerprint print;
  double split_position = 0;  ///< That of the whole music, so that all parts are on one side.
  Dropped dropped;  ///< Notes of `music` that the codec cannot say, and those merged on the grid.
  std::size_t notes = 0;
  int max_rows = 0;
};

/// Why a file cannot be used.
struct Refusal {
  std::string reason;   ///< The same words for all files with this fault.
  std::string message;  ///< With this file's numbers.
};

/// What became of a file, or of one sequence of a file of format 2: a piece, or a refusal. Bars
/// that are too long for the codec part the music into several pieces of one name.
struct SourceOutcome {
  std::string name;  ///< The file's path, behind it the sequence: "piece.mid#2".
  std::optional<SourcePiece> piece;
  Refusal refusal;
  std::vector<std::string> warnings;  ///< Kinds of repairs, each once; on the first part only.
};

/// Reads, quantises and checks the pieces of a file, which are several in format 2. Gives at least
/// one outcome, and throws nothing on a bad file.
std::vector<SourceOutcome> read_source(const std::filesystem::path& path, const Codec& codec,
                                       const CorpusOptions& options);

/// A message with every number replaced by "N" and without what is particular to this file, so that
/// one fault has one name.
std::string message_kind(const std::string& message);

}  // namespace musicvae::datasets
