#include "datasets/metrics/note_metrics.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace musicvae::datasets {
namespace {

/// How often each key of a bar's notes occurs.
template <class KeyOf>
auto count_keys(const Bar& bar, KeyOf key_of) {
  std::map<decltype(key_of(GridNote{})), std::size_t> counts;
  for (const GridNote& note : bar.notes) ++counts[key_of(note)];
  return counts;
}

/// Pairs of notes with one key, each note in at most one pair.
template <class KeyOf>
std::size_t count_pairs(const Bar& reference, const Bar& estimated, KeyOf key_of) {
  const auto wanted = count_keys(reference, key_of);
  std::size_t pairs = 0;
  for (const auto& [key, count] : count_keys(estimated, key_of)) {
    const auto found = wanted.find(key);
    if (found != wanted.end()) pairs += std::min(count, found->second);
  }
  return pairs;
}

std::size_t count_notes(const Passage& passage) {
  std::size_t notes = 0;
  for (const Bar& bar : passage.bars) notes += bar.notes.size();
  return notes;
}

PrecisionRecall score(std::size_t matches, const NoteCounts& counts) {
  if (counts.reference == 0 && counts.estimated == 0) return {1, 1, 1};
  const auto share = [&](std::size_t of) { return of == 0 ? 0.0 : double(matches) / double(of); };
  const double notes = double(counts.reference + counts.estimated);
  return {share(counts.estimated), share(counts.reference), 2 * double(matches) / notes};
}

}  // namespace

NoteCounts& NoteCounts::operator+=(const NoteCounts& other) {
  reference += other.reference;
  estimated += other.estimated;
  onset_pitch += other.onset_pitch;
  onset_pitch_duration += other.onset_pitch_duration;
  return *this;
}

NoteCounts count_matches(const Passage& reference, const Passage& estimated) {
  NoteCounts counts{count_notes(reference), count_notes(estimated)};
  for (std::size_t i = 0; i < std::min(reference.bars.size(), estimated.bars.size()); ++i) {
    const Bar &wanted = reference.bars[i], &got = estimated.bars[i];
    counts.onset_pitch += count_pairs(
        wanted, got, [](const GridNote& note) { return std::pair(note.onset, note.pitch); });
    counts.onset_pitch_duration += count_pairs(wanted, got, [](const GridNote& note) {
      return std::tuple(note.onset, note.pitch, note.duration);
    });
  }
  return counts;
}

PrecisionRecall onset_pitch_score(const NoteCounts& counts) {
  return score(counts.onset_pitch, counts);
}

PrecisionRecall onset_pitch_duration_score(const NoteCounts& counts) {
  return score(counts.onset_pitch_duration, counts);
}

}  // namespace musicvae::datasets
