#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/codecs/codec.hpp"

/// Folders of MIDI to pieces of rows, split by piece.
namespace musicvae::datasets {

class Spool;

enum class Split : std::uint8_t { kTrain, kValidation };

inline constexpr double kValidationShare = 0.1;

struct CorpusOptions {
  std::string codec = "notes";
  Grid grid;
  /// Files that go to validation: globs on paths or file names.
  std::vector<std::string> hold_out;
  /// Expected share of the pieces that go to validation besides, each by its content. Where it is
  /// not given, it is 0 if hold_out names files, and kValidationShare if it does not.
  std::optional<double> validation_share;
  bool keep_performed = false;  ///< Take performances that lie off the grid.
  QuantizeOptions quantizing;
  int jobs = 0;  ///< Threads; 0 is one a core.
};

/// What became of every file that was found.
struct CorpusReport {
  std::size_t files = 0;  ///< MIDI files looked at. A file of format 2 may hold several pieces.
  std::size_t train_pieces = 0;
  std::size_t validation_pieces = 0;
  std::size_t bars = 0;
  std::size_t notes = 0;
  std::map<std::string, std::size_t> passed_over;  ///< Found in folders and not read, by reason.
  std::map<std::string, std::size_t> refused;      ///< Files left out, by reason.
  std::map<std::string, std::string> examples;     ///< For each reason, one file and its message.
  std::map<std::string, std::size_t> warnings;     ///< Files taken with a repair, by what it was.
  Dropped dropped;                                 ///< Notes the codec could not say, by reason.
};

/// The report in words: a line for what was kept, then one for each reason.
std::string describe(const CorpusReport& report);

/// Called on the thread of prepare_corpus() with the number of files read so far and of all files.
/// Return false to stop.
using CorpusProgress = std::function<bool(std::size_t done, std::size_t total)>;

/// Reads MIDI files and folders (searched as find_midi_files() says), quantises and
/// checks them, splits by piece, and writes one corpus file, whole or not at all; or into an empty
/// file without a name.
///
/// Each sequence of a file of format 2 is a piece, named "piece.mid#2".
///
/// Pieces with the same onsets and intervals are copies of one piece, whatever their key, tempo,
/// velocities, note lengths and bar lines; one is kept. A piece's content decides its side of the
/// split, so the side does not move when files are added. A training piece is left out where it
/// shares many runs of eight notes in the top voice with a validation piece: more than a quarter of
/// the runs of the one that has fewer. Validation pieces are never left out for this. Where all
/// pieces would be validation pieces by their content, all are for training.
///
/// The file does not depend on the order of `paths` or the number of jobs. Besides a few files at a
/// time, memory holds 8 bytes for each note of a top voice. Throws DatasetError with the report in
/// words where no piece is left, where a path or a file for a pattern does not exist, and where it
/// was stopped.
CorpusReport prepare_corpus(const std::vector<std::filesystem::path>& paths,
                            const CorpusOptions& options, const std::filesystem::path& output,
                            const CorpusProgress& progress = {});
CorpusReport prepare_corpus(const std::vector<std::filesystem::path>& paths,
                            const CorpusOptions& options, Spool& output,
                            const CorpusProgress& progress = {});

/// A prepared corpus file, memory-mapped. Pieces are decoded on demand; copies share the map.
class Corpus {
 public:
  /// Throws DatasetError on a file of another kind or version, cut short or damaged.
  static Corpus open(const std::filesystem::path& path);
  static Corpus open(const Spool& file);
  /// Whether the file begins as a corpus does.
  static bool is_corpus(const std::filesystem::path& path);

  struct PieceInfo {
    std::string name;  ///< Path of the source as it was given, with the number of a sequence.
    Split split = Split::kTrain;
    int bars = 0;
    int lowest_pitch = 0;  ///< Drums aside; lowest > highest where nothing else sounds.
    int highest_pitch = 0;
  };

  const std::string& codec() const;
  const Grid& grid() const;
  std::size_t size() const;
  const PieceInfo& info(std::size_t piece) const;
  /// Bars [first, first + count) of a piece. Throws DatasetError where the piece has no such bars,
  /// or where another program has written over the file since it was opened.
  Passage passage(std::size_t piece, int first, int count) const;
  /// Those bars as the corpus's codec encodes them, on their own.
  std::vector<BarRows> window(std::size_t piece, int first, int count) const;
  /// Rows of the longest bar, over all pieces.
  int max_rows() const;
  /// A hash of the music: codec, grid, and the pieces' bars, notes and splits in their order, but
  /// not their names.
  std::uint64_t content() const;

 private:
  struct Impl;
  explicit Corpus(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace musicvae::datasets
