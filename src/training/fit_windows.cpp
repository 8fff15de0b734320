#include "src/training/fit_windows.hpp"

namespace musicvae {
namespace {

constexpr std::size_t kMostWindows = 16'384;

}  // namespace

std::vector<datasets::Window> fit_windows(const datasets::Corpus& corpus,
                                          const datasets::Codec& codec,
                                          const datasets::WindowOptions& options) {
  std::vector<datasets::Window> all;
  for (auto window : datasets::consecutive_windows(corpus, datasets::Split::kTrain, options.bars)) {
    const auto range =
        datasets::transpositions(corpus.info(window.piece), codec.pitch_range(), options);
    for (int semitones = range.down; semitones <= range.up; ++semitones) {
      window.transposition = semitones;
      all.push_back(window);
    }
  }
  if (all.size() <= kMostWindows) return all;
  std::vector<datasets::Window> some;
  for (std::size_t i = 0; i < kMostWindows; ++i) some.push_back(all[i * all.size() / kMostWindows]);
  return some;
}

}  // namespace musicvae
