#include "datasets/splice/drums.hpp"

#include <algorithm>
#include <tuple>

namespace musicvae::datasets {

Passage with_drums_of(const Passage& piece, Passage music) {
  for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
    auto& notes = music.bars[bar].notes;
    std::erase_if(notes, [](const auto& note) { return note.drum; });
    for (const auto& note : piece.bars[bar].notes) {
      if (note.drum) notes.push_back(note);
    }
    std::stable_sort(notes.begin(), notes.end(), [](const auto& a, const auto& b) {
      return std::tie(a.onset, a.pitch, a.part) < std::tie(b.onset, b.pitch, b.part);
    });
  }
  return music;
}

}  // namespace musicvae::datasets
