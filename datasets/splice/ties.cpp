#include "datasets/splice/ties.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace musicvae::datasets {
namespace {

/// Kept and new notes that would stop each other in a part, by onset.
struct Rivals {
  std::vector<ScoreNote*> kept;
  std::vector<ScoreNote*> fill;
};

constexpr midi::Ticks kLeftOut(-1);  // The duration of a note that is not written.

constexpr auto kByTick = [](const ScoreNote* a, const ScoreNote* b) {
  return a->note.onset < b->note.onset;
};
constexpr auto kByStep = [](const ScoreNote* a, const ScoreNote* b) {
  return std::tie(a->onset, a->note.onset) < std::tie(b->onset, b->note.onset);
};

/// The rivals of each key that has a fill; `key` of a note is negative where it has none.
template <class Key, class Order>
std::map<int, Rivals> group(SplicedNotes& notes, Key key, Order order) {
  std::map<int, Rivals> groups;
  for (ScoreNote& note : notes.fill) {
    if (key(note) >= 0) groups[key(note)].fill.push_back(&note);
  }
  for (ScoreNote& note : notes.kept) {
    const auto found = groups.find(key(note));
    if (found != groups.end()) found->second.kept.push_back(&note);
  }
  for (auto& [unused, rivals] : groups) {
    std::stable_sort(rivals.kept.begin(), rivals.kept.end(), order);
    std::stable_sort(rivals.fill.begin(), rivals.fill.end(), order);
  }
  return groups;
}

/// Walks the notes of one part and pitch, and lets each end where the next begins.
class PitchRepeats {
 public:
  explicit PitchRepeats(Rivals& rivals) : rivals_(rivals) {}

  void resolve() {
    for (ScoreNote* note : rivals_.fill) {
      pass_kept_until(note->note.onset);
      if (last_fill_ != nullptr && last_fill_->note.onset == note->note.onset) {
        note->note.duration = kLeftOut;
        continue;
      }
      for (ScoreNote* sounding : sounding_) sounding->end_by(note->note.onset);
      if (last_fill_ != nullptr) last_fill_->end_by(note->note.onset);
      if (next_ < rivals_.kept.size()) note->end_by(rivals_.kept[next_]->note.onset);
      last_fill_ = note;
    }
  }

 private:
  /// Leaves in sounding_ the kept notes that begin by `time` and sound after it.
  void pass_kept_until(midi::Ticks time) {
    for (; next_ < rivals_.kept.size() && rivals_.kept[next_]->note.onset <= time; ++next_)
      sounding_.push_back(rivals_.kept[next_]);
    std::erase_if(sounding_, [&](const ScoreNote* note) { return note->end() <= time; });
  }

  Rivals& rivals_;
  std::vector<ScoreNote*> sounding_;
  std::size_t next_ = 0;  // Index of the next kept note.
  ScoreNote* last_fill_ = nullptr;
};

/// When the notes that the fill of a gap replaces ended, line by line: at the last of their ends,
/// but not before the gap's.
class OldEnds {
 public:
  OldEnds(const SplicedNotes& notes, const std::vector<TickGap>& gaps, const Lines& lines)
      : gaps_(gaps), lines_(lines) {
    for (const ScoreNote& note : notes.removed) {
      auto& end = ends_.try_emplace(key(note), gap_of(note).stop).first->second;
      end = std::max(end, note.end());
    }
  }

  midi::Ticks after(const ScoreNote& note) const {
    const auto found = ends_.find(key(note));
    return found == ends_.end() ? gap_of(note).stop : found->second;
  }

 private:
  const TickGap& gap_of(const ScoreNote& note) const {
    const auto next = std::upper_bound(gaps_.begin(), gaps_.end(), note.onset,
                                       [](Steps a, const TickGap& b) { return a < b.start; });
    return *(next - 1);
  }
  std::pair<int, Steps> key(const ScoreNote& note) const {
    return {lines_.of_part[note.part], gap_of(note).start};
  }

  const std::vector<TickGap>& gaps_;
  const Lines& lines_;
  std::map<std::pair<int, Steps>, midi::Ticks> ends_;
};

/// The first note of `later`, sorted by step, that begins after `note`.
const ScoreNote* next_of(const std::vector<ScoreNote*>& later, const ScoreNote& note) {
  const auto next = std::upper_bound(later.begin(), later.end(), note.onset,
                                     [](Steps a, const ScoreNote* b) { return a < b->onset; });
  return next == later.end() ? nullptr : *next;
}

/// Ends `note` where `next` begins, though not at once.
void end_before(ScoreNote& note, const ScoreNote* next) {
  if (next != nullptr) note.end_by(std::max(next->note.onset, note.note.onset + midi::Ticks(1)));
}

void resolve_line(Rivals& rivals, const OldEnds& old_ends) {
  for (ScoreNote* note : rivals.kept) end_before(*note, next_of(rivals.fill, *note));
  for (ScoreNote* note : rivals.fill) {
    end_before(*note, next_of(rivals.kept, *note));
    note->end_by(std::max(old_ends.after(*note), note->note.onset + midi::Ticks(1)));
  }
}

}  // namespace

void resolve_repeats(SplicedNotes& notes) {
  const auto key = [](const ScoreNote& note) {
    return note.part * midi::kPitches + note.note.pitch;
  };
  for (auto& [unused, rivals] : group(notes, key, kByTick)) PitchRepeats(rivals).resolve();
  std::erase_if(notes.fill, [](const ScoreNote& note) { return note.note.duration == kLeftOut; });
}

void resolve_lines(SplicedNotes& notes, const std::vector<TickGap>& gaps, const Lines& lines) {
  const auto key = [&](const ScoreNote& note) { return lines.of_part[note.part]; };
  const OldEnds old_ends(notes, gaps, lines);
  for (auto& [unused, rivals] : group(notes, key, kByStep)) resolve_line(rivals, old_ends);
}

}  // namespace musicvae::datasets
