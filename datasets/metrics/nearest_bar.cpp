#include "datasets/metrics/nearest_bar.hpp"

#include <algorithm>

namespace musicvae::datasets {
namespace {

/// How many numbers are in both, which are ascending.
std::size_t count_common(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  std::size_t common = 0;
  for (std::size_t at_a = 0, at_b = 0; at_a < a.size() && at_b < b.size();) {
    const bool take_a = a[at_a] <= b[at_b], take_b = a[at_a] >= b[at_b];
    if (take_a && take_b) ++common;
    if (take_a) ++at_a;
    if (take_b) ++at_b;
  }
  return common;
}

double f1(std::size_t common, std::size_t notes, std::size_t other_notes) {
  return 2 * double(common) / double(notes + other_notes);
}

}  // namespace

BarIndex::BarIndex(std::span<const Passage> pieces) {
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    for (const Bar& bar : pieces[piece].bars) {
      Notes notes = notes_of(bar);
      if (!notes.empty()) add(shelves_[{bar.meter, bar.length}], std::move(notes), piece);
    }
  }
}

BarIndex::Notes BarIndex::notes_of(const Bar& bar) {
  Notes notes;
  for (const GridNote& note : bar.notes) {
    notes.push_back(std::uint32_t(note.onset.count) * midi::kPitches + note.pitch);
  }
  std::sort(notes.begin(), notes.end());
  notes.erase(std::unique(notes.begin(), notes.end()), notes.end());
  return notes;
}

void BarIndex::add(Shelf& shelf, Notes notes, std::size_t piece) {
  if (shelf.bars.empty()) shelf.piece = piece;
  if (shelf.piece != piece) shelf.has_others = true;
  const auto [place, fresh] = shelf.places.try_emplace(notes, shelf.bars.size());
  if (!fresh) {
    IndexedBar& bar = shelf.bars[place->second];
    if (bar.piece != piece) bar.elsewhere = true;
    return;
  }
  for (const std::uint32_t note : notes) {
    shelf.bars_with[note].push_back(std::uint32_t(shelf.bars.size()));
  }
  shelf.bars.push_back({std::move(notes), piece});
}

std::optional<double> BarIndex::distance(const Bar& bar, std::optional<std::size_t> except) const {
  const Notes notes = notes_of(bar);
  if (notes.empty()) return std::nullopt;
  const auto found = shelves_.find({bar.meter, bar.length});
  if (found == shelves_.end()) return std::nullopt;
  const Shelf& shelf = found->second;
  if (except == shelf.piece && !shelf.has_others) return std::nullopt;
  return 1 - largest_f1(shelf, notes, except);
}

/// Goes through the notes from the rarest to the commonest, and through the bars that have each. A
/// bar met at a note has none of the rarer ones, which limits its F1; once that limit is below the
/// best F1 so far, the long lists of common notes need not be looked at.
double BarIndex::largest_f1(const Shelf& shelf, const Notes& notes,
                            std::optional<std::size_t> except) {
  std::vector<std::span<const std::uint32_t>> bars_with;
  for (const std::uint32_t note : notes) {
    const auto found = shelf.bars_with.find(note);
    if (found != shelf.bars_with.end()) bars_with.emplace_back(found->second);
  }
  std::sort(bars_with.begin(), bars_with.end(), [](auto a, auto b) { return a.size() < b.size(); });
  std::vector<bool> met(shelf.bars.size());
  double best = 0;
  for (std::size_t rarer = 0; rarer < bars_with.size(); ++rarer) {
    const std::size_t rest = bars_with.size() - rarer;
    if (f1(rest, notes.size(), rest) <= best) break;
    for (const std::uint32_t index : bars_with[rarer]) {
      const IndexedBar& other = shelf.bars[index];
      const std::size_t most = std::min(rest, other.notes.size());
      if (met[index] || f1(most, notes.size(), other.notes.size()) <= best) continue;
      met[index] = true;
      if (except == other.piece && !other.elsewhere) continue;
      best = std::max(best, f1(count_common(notes, other.notes), notes.size(), other.notes.size()));
    }
  }
  return best;
}

}  // namespace musicvae::datasets
