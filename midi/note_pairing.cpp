#include "midi/note_pairing.hpp"

#include <algorithm>
#include <iterator>

namespace musicvae::midi {
namespace {

bool lies_below(const Note& a, const Note& b) {
  return a.channel != b.channel ? a.channel < b.channel : a.pitch < b.pitch;
}

using NoteIterator = std::vector<Note>::iterator;

/// Chords are short, mostly; std::stable_sort would allocate for each.
void sort_chord(NoteIterator begin, NoteIterator end) {
  constexpr std::ptrdiff_t kShort = 16;
  if (end - begin > kShort) return std::stable_sort(begin, end, lies_below);
  for (NoteIterator next = begin + 1; next != end; ++next)
    std::rotate(std::upper_bound(begin, next, *next, lies_below), next, next + 1);
}

}  // namespace

std::size_t NotePairing::release_all(std::vector<Note>& notes, TickOrder& order, Ticks time) {
  const std::size_t released = sounding_;
  for (auto note = notes.begin(); sounding_ > 0; ++note) {
    if (note->duration >= Ticks(0)) continue;
    release(notes, order, time, note->channel, note->pitch, kNoRelease);
  }
  return released;
}

void sort_chords(std::vector<Note>& notes) {
  const auto out_of_order = [](const Note& a, const Note& b) {
    return a.onset == b.onset && lies_below(b, a);
  };
  auto next = notes.begin();
  while ((next = std::adjacent_find(next, notes.end(), out_of_order)) != notes.end()) {
    const Ticks onset = next->onset;
    auto begin = next;
    while (begin != notes.begin() && std::prev(begin)->onset == onset) --begin;
    const auto end =
        std::find_if(next, notes.end(), [&](const Note& n) { return n.onset != onset; });
    sort_chord(begin, end);
    next = end;
  }
}

}  // namespace musicvae::midi
