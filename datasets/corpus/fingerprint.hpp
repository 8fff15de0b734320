#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "datasets/grid/grid.hpp"

/// What a piece is by its notes, whatever its file is called and in whatever key it stands.
namespace musicvae::datasets {

struct Fingerprint {
  /// A hash of all onsets, counted from the first note, and all pitches, counted from the lowest.
  /// It is equal for copies in other keys, tempi, velocities, voices, note lengths, bar lines and
  /// file names. Drums count only where nothing else sounds.
  std::uint64_t content = 0;
  /// Hashes of every run of notes along the top voice, by intervals and distances in time; sorted,
  /// each once.
  std::vector<std::uint64_t> runs;
};

Fingerprint fingerprint(const Passage& music);

/// A fixed place in [0, 1) for a piece, so that a split by it does not move when files are added.
double split_position(const Fingerprint& print);

/// Finds pieces that are largely the same music as one of a set, in another version.
class NearDuplicates {
 public:
  /// Adds a piece to the set under a number that find() gives back.
  void add(std::size_t piece, const Fingerprint& print);
  /// The piece of the set that shares more than a quarter of the runs of the shorter of the two,
  /// and the most of them. Sorts on the first call after add().
  std::optional<std::size_t> find(const Fingerprint& print);

 private:
  struct Entry {
    std::uint64_t run;
    std::size_t slot;
    auto operator<=>(const Entry&) const = default;
  };
  std::vector<Entry> entries_;
  std::vector<std::pair<std::size_t, std::size_t>> pieces_;  // Number and runs, by slot.
  bool sorted_ = true;
};

}  // namespace musicvae::datasets
