#include "datasets/corpus/windows.hpp"

#include <algorithm>
#include <cmath>

#include "src/base/random.hpp"

namespace musicvae::datasets {
namespace {

/// The draws of one batch, which depend on the seed and the batch's index alone.
SplitMix64 draws_of(std::uint64_t seed, std::uint64_t index) {
  return SplitMix64(SplitMix64(SplitMix64(seed).next() + index).next());
}

int window_count(int piece_bars, int window_bars) {
  return std::max(1, piece_bars - window_bars + 1);
}

void check_options(const WindowOptions& options) {
  if (options.bars < 1) throw DatasetError("a window needs at least 1 bar");
  if (options.batch_size < 1) throw DatasetError("a batch needs at least 1 window");
  if (options.transpose_down < 0 || options.transpose_up < 0) {
    throw DatasetError("the transposition range is given as semitones down and up, not below 0");
  }
}

}  // namespace

Transpositions transpositions(const Corpus::PieceInfo& info, std::pair<int, int> pitch_range,
                              const WindowOptions& options) {
  const auto [bottom, top] = pitch_range;
  const int lowest = std::max(info.lowest_pitch, bottom);
  const int highest = std::min(info.highest_pitch, top);
  if (lowest > highest) return {};  // Nothing sounds.
  return {-std::min(options.transpose_down, lowest - bottom),
          std::min(options.transpose_up, top - highest)};
}

TrainingWindows::TrainingWindows(Corpus corpus, const WindowOptions& options)
    : corpus_(std::move(corpus)),
      options_(options),
      pitch_range_(make_codec(corpus_.codec(), corpus_.grid())->pitch_range()) {
  check_options(options);
  double total = 0;
  for (std::size_t piece = 0; piece < corpus_.size(); ++piece) {
    if (corpus_.info(piece).split != Split::kTrain) continue;
    const int count = window_count(corpus_.info(piece).bars, options.bars);
    windows_ += std::size_t(count);
    total += std::pow(count, options.piece_weight);
    pieces_.push_back(piece);
    cumulative_weights_.push_back(total);
  }
  if (pieces_.empty()) {
    throw DatasetError(
        "the corpus has no training piece; give more files or hold fewer out for validation");
  }
}

std::vector<Window> TrainingWindows::batch(std::uint64_t index) const {
  SplitMix64 draws = draws_of(options_.seed, index);
  std::vector<Window> windows(options_.batch_size);
  for (Window& window : windows) {
    const double at = draws.uniform() * cumulative_weights_.back();
    const auto chosen =
        std::upper_bound(cumulative_weights_.begin(), cumulative_weights_.end() - 1, at);
    window.piece = pieces_[chosen - cumulative_weights_.begin()];
    const Corpus::PieceInfo& info = corpus_.info(window.piece);
    window.first_bar = draws.below(window_count(info.bars, options_.bars));
    window.bars = std::min(options_.bars, info.bars);
    const auto [down, up] = transpositions(info, pitch_range_, options_);
    window.transposition = down + draws.below(up - down + 1);
  }
  return windows;
}

std::size_t TrainingWindows::windows() const { return windows_; }

std::vector<Window> consecutive_windows(const Corpus& corpus, Split split, int bars) {
  if (bars < 1) throw DatasetError("a window needs at least 1 bar");
  std::vector<Window> windows;
  for (std::size_t piece = 0; piece < corpus.size(); ++piece) {
    if (corpus.info(piece).split != split) continue;
    const int total = corpus.info(piece).bars;
    for (int first = 0; first < total; first += bars) {
      windows.push_back({piece, first, std::min(bars, total - first), 0});
    }
  }
  return windows;
}

std::vector<Window> uniform_windows(const Corpus& corpus, Split split, int bars,
                                    const midi::Meter& meter) {
  if (bars < 1) throw DatasetError("a window needs at least 1 bar");
  const auto length = bar_length(corpus.grid(), meter);
  std::vector<Window> windows;
  for (std::size_t piece = 0; piece < corpus.size(); ++piece) {
    if (corpus.info(piece).split != split) continue;
    const Passage music = corpus.passage(piece, 0, corpus.info(piece).bars);
    int run = 0;
    for (int bar = 0; bar < int(music.bars.size()); ++bar) {
      const Bar& here = music.bars[std::size_t(bar)];
      run = here.meter == meter && here.length == length ? run + 1 : 0;
      if (run < bars) continue;
      windows.push_back({piece, bar + 1 - bars, bars, 0});
      run = 0;
    }
  }
  return windows;
}

std::vector<BarRows> rows_of(const Corpus& corpus, const Codec& codec, const Window& window) {
  std::vector<BarRows> rows =
      codec.encode(corpus.passage(window.piece, window.first_bar, window.bars));
  if (window.transposition != 0) codec.transpose(rows, window.transposition);
  return rows;
}

}  // namespace musicvae::datasets
