#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/corpus/corpus.hpp"
#include "datasets/corpus/mapping.hpp"

namespace musicvae::datasets {

/// Writes a corpus. Pieces go to disk as they come; which of them to keep may be said at the
/// end, when all are known.
class CorpusWriter {
 public:
  /// The piece's place in the order of add().
  using Index = std::size_t;

  /// Keeps the pieces in that folder meanwhile. Throws DatasetError.
  explicit CorpusWriter(const std::filesystem::path& folder);

  /// Takes a piece of at least one bar. Throws DatasetError where the disk is full.
  Index add(const Passage& music);

  struct Kept {
    Index piece = 0;
    std::string name;
    Split split = Split::kTrain;
  };
  struct Settings {
    std::string codec;
    Grid grid;
    int max_rows = 1;  ///< Rows of the longest bar of the kept pieces.
  };
  /// Writes the corpus into an empty file without a name. Throws DatasetError.
  void finish(const std::vector<Kept>& kept, const Settings& settings, Spool& output) const;

 private:
  struct Place {
    std::size_t offset = 0;
    std::uint32_t bars = 0;
    std::uint32_t notes = 0;
  };

  Spool spool_;
  std::vector<Place> places_;
};

}  // namespace musicvae::datasets
