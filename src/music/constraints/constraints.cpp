#include "src/music/constraints/constraints.hpp"

#include <algorithm>
#include <iterator>

#include "datasets/codecs/voices.hpp"
#include "datasets/grid/repeats.hpp"
#include "src/base/error.hpp"

namespace musicvae {
namespace {

using datasets::GridNote;
using datasets::Passage;
using datasets::Steps;

/// The pitch of `allowed` that is nearest to `pitch`. There must be one.
std::uint8_t nearest_pitch(const PitchSet& allowed, int pitch) {
  for (int away = 0;; ++away) {
    for (const int near : {pitch - away, pitch + away}) {
      if (near >= 0 && near < midi::kPitches && allowed[static_cast<std::size_t>(near)]) {
        return static_cast<std::uint8_t>(near);
      }
    }
  }
}

/// All notes with onsets from the start of the passage.
std::vector<GridNote> timeline_of(const Passage& music) {
  std::vector<GridNote> notes;
  Steps start(0);
  for (const auto& bar : music.bars) {
    for (GridNote note : bar.notes) {
      note.onset = note.onset + start;
      notes.push_back(note);
    }
    start = start + bar.length;
  }
  return notes;
}

/// The inverse of timeline_of(). `notes` are sorted by onset.
void lay_out(const std::vector<GridNote>& notes, Passage& music) {
  Steps start(0);
  auto note = notes.begin();
  for (auto& bar : music.bars) {
    const Steps end = start + bar.length;
    bar.notes.clear();
    for (; note != notes.end() && note->onset < end; ++note) {
      bar.notes.push_back(*note);
      bar.notes.back().onset = note->onset - start;
    }
    start = end;
  }
}

/// Leaves the highest notes of each onset, and ends the lowest of those that sound on, until no
/// more than `most` sound. `notes` are sorted by onset, then pitch.
std::vector<GridNote> thinned(const std::vector<GridNote>& notes, std::size_t most) {
  std::vector<GridNote> kept;
  for (auto first = notes.begin(); first != notes.end();) {
    const auto end = std::find_if(first, notes.end(),
                                  [&](const GridNote& note) { return note.onset != first->onset; });
    const auto begun = std::min(most, static_cast<std::size_t>(end - first));
    std::vector<GridNote*> sounding;
    for (GridNote& note : kept) {
      if (note.onset + note.duration > first->onset) sounding.push_back(&note);
    }
    std::stable_sort(sounding.begin(), sounding.end(),
                     [](const GridNote* a, const GridNote* b) { return a->pitch > b->pitch; });
    for (std::size_t i = most - begun; i < sounding.size(); ++i) {
      sounding[i]->duration = first->onset - sounding[i]->onset;
    }
    kept.insert(kept.end(), end - static_cast<std::ptrdiff_t>(begun), end);
    first = end;
  }
  return kept;
}

}  // namespace

const PitchSet& Constraints::pitches_at(std::size_t bar) const {
  static const PitchSet kAny = PitchSet().set();
  return pitches.empty() ? kAny : pitches[bar % pitches.size()];
}

Constraints Constraints::of_pieces(std::size_t bars) const {
  Constraints whole = *this;
  whole.pitches.clear();
  for (std::size_t bar = 0; bar < bars && !pitches.empty(); ++bar) {
    whole.pitches.push_back(pitches_at(bar));
  }
  return whole;
}

Constraints Constraints::from(std::size_t bars) const {
  Constraints later = *this;
  if (!pitches.empty()) {
    std::rotate(later.pitches.begin(),
                later.pitches.begin() + static_cast<std::ptrdiff_t>(bars % pitches.size()),
                later.pitches.end());
  }
  const auto drop_first = [&](auto& of_bars) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(bars, of_bars.size()));
    of_bars.erase(of_bars.begin(), of_bars.begin() + count);
  };
  drop_first(later.notes_begun);
  drop_first(later.leanings);
  return later;
}

void check(const Constraints& constraints, const datasets::Codec& codec) {
  const auto [low, high] = codec.pitch_range();
  for (std::size_t bar = 0; bar < constraints.pitches.size(); ++bar) {
    const PitchSet& pitches = constraints.pitches[bar];
    bool any = false;
    for (int pitch = low; pitch <= high; ++pitch) any |= pitches[static_cast<std::size_t>(pitch)];
    if (any) continue;
    throw Error((constraints.pitches.size() == 1
                     ? std::string("no pitch")
                     : "bar " + std::to_string(bar + 1) + " can have no note: no pitch") +
                " lies within all that is asked of key, chords and range and within the model's "
                "own range, " +
                std::to_string(low) + " to " + std::to_string(high));
  }
  const bool bits = codec.row_shape().kind == datasets::RowShape::Kind::kBits;
  const bool counts = constraints.notes_a_bar > 0 ||
                      (constraints.most_sounding > 0 && !datasets::is_one_voice(codec));
  if (!bits && counts) {
    throw Error("a model of codec '" + std::string(codec.name()) +
                "' cannot keep to a density or a number of voices; one of codec 'pianoroll' can");
  }
}

void keep_to(const Constraints& constraints, Passage& music) {
  for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
    const PitchSet& allowed = constraints.pitches_at(bar);
    for (GridNote& note : music.bars[bar].notes) note.pitch = nearest_pitch(allowed, note.pitch);
  }
  auto notes = timeline_of(music);
  datasets::separate_repeats(notes);
  if (constraints.most_sounding > 0) {
    notes = thinned(notes, static_cast<std::size_t>(constraints.most_sounding));
  }
  lay_out(notes, music);
}

}  // namespace musicvae
