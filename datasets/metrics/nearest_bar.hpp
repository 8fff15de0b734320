#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "datasets/grid/grid.hpp"

/// Whether music was copied from other music, bar by bar.
namespace musicvae::datasets {

/// The bars of many pieces, to find the one that is most like a given bar. A bar is the set of its
/// notes' onsets and pitches.
class BarIndex {
 public:
  explicit BarIndex(std::span<const Passage> pieces);

  /// 1 less the largest note F1 (onset and pitch) between `bar` and any bar of its meter and
  /// length: 0 for a copy, 1 where no bar shares a note with it. Nothing where no note begins in
  /// `bar`, or there is no bar to compare it with. The bars of piece `except` are left out.
  std::optional<double> distance(const Bar& bar,
                                 std::optional<std::size_t> except = std::nullopt) const;

 private:
  /// Onsets and pitches as numbers, ascending, each once.
  using Notes = std::vector<std::uint32_t>;

  /// A bar that stands in one piece at least, and is kept once.
  struct IndexedBar {
    Notes notes;
    std::size_t piece = 0;   ///< The first piece that has it.
    bool elsewhere = false;  ///< Whether another piece has it too.
  };

  /// All bars of one meter and length.
  struct Shelf {
    std::size_t piece = 0;    ///< The first piece that has a bar here.
    bool has_others = false;  ///< Whether another piece has one too.
    std::vector<IndexedBar> bars;
    std::map<Notes, std::size_t> places;  ///< Where in `bars` the one with these notes is.
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> bars_with;  ///< By note.
  };

  static Notes notes_of(const Bar& bar);
  static void add(Shelf& shelf, Notes notes, std::size_t piece);
  static double largest_f1(const Shelf& shelf, const Notes& notes,
                           std::optional<std::size_t> except);

  std::map<std::pair<midi::Meter, Steps>, Shelf> shelves_;
};

}  // namespace musicvae::datasets
