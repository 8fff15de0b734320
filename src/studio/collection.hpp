#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/corpus/corpus.hpp"
#include "src/studio/pieces.hpp"

/// The music that the map shows.
namespace musicvae::studio {

/// Pieces of the box, of files and folders, and of prepared corpora, in the order in which they
/// were added. None is read before it is asked for.
class Collection {
 public:
  /// The music in the box.
  void add_box();
  /// A MIDI file, a folder of MIDI files, or a prepared corpus. Throws Error where it is none.
  void add(const std::filesystem::path& path);

  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  /// What to call a piece: its path within what was added.
  const std::string& name(std::size_t index) const { return items_[index].name; }
  /// What it belongs to: the folder that it lies in, or the corpus.
  const std::string& group(std::size_t index) const { return items_[index].group; }

  /// The piece on the grid of `codec`. Throws Error where it cannot be read, or a corpus was
  /// prepared for another grid.
  datasets::Passage passage(std::size_t index, const datasets::Codec& codec) const;
  /// The piece as it was given. A corpus keeps no tempo and no parts: a guitar plays it.
  PiecePointer open(std::size_t index, Pieces& pieces) const;

  /// Tells this music from other music, and from itself once files have changed.
  std::uint64_t fingerprint() const;

 private:
  struct Item {
    std::string name, group;
    std::filesystem::path file;           ///< Empty where it is in the box or in a corpus.
    std::optional<std::size_t> corpus{};  ///< Index of a corpus.
    std::size_t place = 0;                ///< In the corpus.
  };
  void add_corpus(const std::filesystem::path& path);
  std::vector<std::byte> bytes(const Item& item) const;

  std::vector<Item> items_;
  std::vector<datasets::Corpus> corpora_;
};

}  // namespace musicvae::studio
