#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "datasets/codec.hpp"

/// Folders of MIDI to pieces of rows, split by piece.
namespace musicvae::datasets {

enum class Split : std::uint8_t { kTrain, kValidation };

struct CorpusOptions {
  std::string codec = "notes";
  Grid grid;
  double validation_share = 0.1;       ///< Expected share of pieces; each is placed by its content.
  std::vector<std::string> hold_out;   ///< Globs on file paths that go to validation; where given,
                                       ///< validation_share is not used.
  bool keep_performed = false;         ///< Take performances that lie off the grid.
  int jobs = 0;                        ///< Threads; 0 is one a core.
};

/// What became of every file that was found.
struct CorpusReport {
  std::size_t files = 0;               ///< MIDI files looked at.
  std::size_t train_pieces = 0;
  std::size_t validation_pieces = 0;
  std::size_t bars = 0;
  std::size_t notes = 0;
  std::map<std::string, std::size_t> refused;   ///< Files left out, by reason.
  std::map<std::string, std::string> examples;  ///< For each reason, one file and its message.
  std::map<std::string, std::size_t> warnings;  ///< Files taken with a repair, by what it was.
  Dropped dropped;                              ///< Notes the codec could not say, by reason.
};

/// Files read so far and files in all; called from one thread at a time. Return false to stop.
using CorpusProgress = std::function<bool(std::size_t done, std::size_t total)>;

/// Reads MIDI files and folders (searched for .mid and .midi, hidden files left out), quantises and
/// encodes them, drops duplicates (also transposed ones), splits by piece, and writes one corpus file
/// (whole or not at all). Memory does not grow with the corpus. Throws DatasetError with the report
/// in words where no piece is left, and where a path does not exist.
CorpusReport prepare_corpus(const std::vector<std::filesystem::path>& paths,
                            const CorpusOptions& options, const std::filesystem::path& output,
                            const CorpusProgress& progress = {});

/// A prepared corpus file, memory-mapped. Pieces are decoded on demand; copies share the map.
class Corpus {
 public:
  /// Throws DatasetError on a file of another kind or version, cut short or damaged.
  static Corpus open(const std::filesystem::path& path);
  /// Whether the file begins as a corpus does.
  static bool is_corpus(const std::filesystem::path& path);

  struct PieceInfo {
    std::string name;  ///< Path of the source as it was given.
    Split split = Split::kTrain;
    int bars = 0;
    int lowest_pitch = 0;   ///< Over all notes; lowest > highest where there are none.
    int highest_pitch = 0;
  };

  const std::string& codec() const;
  const Grid& grid() const;
  std::size_t size() const;
  const PieceInfo& info(std::size_t piece) const;
  /// Bars [first, first + count) of a piece, notes as the codec gives them for that window.
  std::vector<BarRows> window(std::size_t piece, int first, int count) const;
  /// Rows of the longest bar, over all pieces.
  int max_rows() const;

 private:
  struct Impl;
  explicit Corpus(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace musicvae::datasets
