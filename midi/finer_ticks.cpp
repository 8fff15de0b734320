#include "midi/finer_ticks.hpp"

namespace musicvae::midi {
namespace {

template <class Event>
void scale(std::vector<Event>& events, int factor) {
  for (Event& event : events) event.time = event.time * factor;
}

}  // namespace

Score with_finer_ticks(Score score, int factor) {
  score.division.ticks_per_quarter *= factor;
  scale(score.tempos, factor);
  scale(score.meters, factor);
  scale(score.keys, factor);
  for (Track& track : score.tracks) {
    for (Note& note : track.notes) {
      note.onset = note.onset * factor;
      note.duration = note.duration * factor;
    }
    scale(track.messages, factor);
    scale(track.metas, factor);
    scale(track.sysex, factor);
    track.end = track.end * factor;
  }
  return score;
}

}  // namespace musicvae::midi
