#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "datasets/corpus/corpus.hpp"

namespace musicvae::datasets {

/// A run of bars of one piece, moved by some semitones.
struct Window {
  std::size_t piece = 0;
  int first_bar = 0;
  int bars = 0;  ///< Fewer than asked only where the piece is shorter.
  int transposition = 0;

  bool operator==(const Window&) const = default;
};

struct WindowOptions {
  int bars = 4;  ///< Length of a window; windows slide by one bar.
  int batch_size = 64;
  std::uint64_t seed = 1;
  int transpose_down = 5;  ///< Augmentation range in semitones, kept within the codec's pitches.
  int transpose_up = 6;
  double piece_weight = 0.5;  ///< A piece is drawn in proportion to windows^piece_weight: 1 treats
                              ///< all windows alike, 0 all pieces.
};

/// Semitones a piece may be moved by: none unless it sounds.
struct Transpositions {
  int down = 0;  ///< At most 0.
  int up = 0;    ///< At least 0.
};

/// The options' range, as far as the piece's notes within `pitch_range` stay there. Notes beyond
/// the range do not count: the codec leaves them out before rows are moved.
Transpositions transpositions(const Corpus::PieceInfo& info, std::pair<int, int> pitch_range,
                              const WindowOptions& options);

/// Training batches without end. Batch `index` is a pure function of the corpus, the options and
/// `index`, so a position in the data is one number.
class TrainingWindows {
 public:
  /// Throws DatasetError where the corpus has no training piece, or an option is out of range.
  TrainingWindows(Corpus corpus, const WindowOptions& options);
  std::vector<Window> batch(std::uint64_t index) const;
  /// How many windows the training pieces have, for a sense of an epoch.
  std::size_t windows() const;

 private:
  Corpus corpus_;
  WindowOptions options_;
  std::pair<int, int> pitch_range_;
  std::vector<std::size_t> pieces_;
  std::vector<double> cumulative_weights_;
  std::size_t windows_ = 0;
};

/// Every piece of a split cut into consecutive windows of `bars`, the last one shorter; in order,
/// not transposed.
std::vector<Window> consecutive_windows(const Corpus& corpus, Split split, int bars);

/// Every run of whole bars of `meter` cut into consecutive windows of `bars`, the rest of a run
/// left out; in order, not transposed.
std::vector<Window> uniform_windows(const Corpus& corpus, Split split, int bars,
                                    const midi::Meter& meter);

/// The rows of a window.
std::vector<BarRows> rows_of(const Corpus& corpus, const Codec& codec, const Window& window);

}  // namespace musicvae::datasets
