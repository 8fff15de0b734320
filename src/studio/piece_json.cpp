#include "src/studio/piece_json.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "midi/live/playback.hpp"
#include "midi/orchestra.hpp"
#include "midi/text.hpp"
#include "src/music/bar_lines.hpp"
#include "src/music/source.hpp"

namespace musicvae::studio {
namespace {

using nlohmann::json;

/// The ticks of a second under SMPTE stand for those of two quarters.
int ticks_per_quarter(const midi::Score& score) {
  const auto& division = score.division;
  return division.is_smpte()
             ? std::max(1, division.frames_per_second * division.ticks_per_frame / 2)
             : division.ticks_per_quarter;
}

json parts_of(const midi::Orchestra& orchestra) {
  auto parts = json::array();
  for (const midi::Voice& voice : orchestra.voices) {
    parts.push_back({{"name", midi::decode_text(voice.name)},
                     {"program", voice.program},
                     {"drums", voice.drums}});
  }
  return parts;
}

/// Sorted by onset, as a page that draws from left to right wants them.
json notes_of(const midi::Score& score, const midi::Orchestra& orchestra) {
  std::map<std::pair<std::size_t, int>, std::size_t> part_of;
  for (std::size_t i = 0; i < orchestra.voices.size(); ++i) {
    part_of[{orchestra.voices[i].track, orchestra.voices[i].channel}] = i;
  }
  std::vector<std::tuple<std::int64_t, int, std::int64_t, int, std::size_t>> notes;
  for (std::size_t track = 0; track < score.tracks.size(); ++track) {
    for (const midi::Note& note : score.tracks[track].notes) {
      notes.emplace_back(note.onset.count, note.pitch, note.duration.count, note.velocity,
                         part_of[{track, note.channel}]);
    }
  }
  std::sort(notes.begin(), notes.end());
  json onsets = json::array(), pitches = json::array(), durations = json::array(),
       velocities = json::array(), parts = json::array();
  for (const auto& [onset, pitch, duration, velocity, part] : notes) {
    onsets.push_back(onset);
    pitches.push_back(pitch);
    durations.push_back(duration);
    velocities.push_back(velocity);
    parts.push_back(part);
  }
  return {{"onset", onsets},
          {"pitch", pitches},
          {"duration", durations},
          {"velocity", velocities},
          {"part", parts}};
}

/// [tick, seconds] where the tempo changes, from the start to the end.
json times_of(const midi::Score& score, midi::Ticks end) {
  const midi::TempoMap map(score);
  auto times = json::array();
  const auto add = [&](midi::Ticks time) {
    times.push_back({time.count, map.seconds(time).count});
  };
  add(midi::Ticks(0));
  for (const midi::Tempo& tempo : score.tempos) {
    if (tempo.time > midi::Ticks(0) && tempo.time < end) add(tempo.time);
  }
  add(std::max(end, midi::Ticks(1)));
  return times;
}

json meters_of(const midi::Score& score) {
  auto meters = json::array();
  for (const auto& change : midi::in_force(score.meters)) {
    meters.push_back({{"tick", change.time.count}, {"meter", describe(change.meter)}});
  }
  return meters;
}

/// The starts of bars and the end of the last; none where the score has no bars, or more than a
/// page can show.
json bars_of(const midi::Score& score, json& first) {
  auto lines = json::array();
  try {
    const BarLines bars(score);
    first = bars.first();
    for (int bar = bars.first(); bar <= bars.last(); ++bar) {
      lines.push_back(bars.start(bar).count);
      if (bar == bars.last()) lines.push_back(bars.end(bar).count);
    }
  } catch (const Error&) {
    first = 1;
  }
  return lines;
}

json keys_of(const midi::Score& score) {
  auto keys = json::array();
  for (const auto& key : midi::in_force(score.keys)) {
    keys.push_back({{"tick", key.time.count}, {"sharps", key.sharps}, {"minor", key.minor}});
  }
  return keys;
}

json markers_of(const midi::Score& score) {
  constexpr std::uint8_t kMarker = 0x06;
  auto markers = json::array();
  for (const auto& track : score.tracks) {
    for (const auto& meta : track.metas) {
      if (meta.type != kMarker) continue;
      markers.push_back({{"tick", meta.time.count}, {"text", midi::decode_text(meta.data)}});
    }
  }
  return markers;
}

json warnings_of(const midi::ReadResult& file) {
  auto warnings = json::array();
  for (const auto& warning : file.warnings) warnings.push_back(warning.message);
  return warnings;
}

}  // namespace

json to_json(const HeldPiece& piece) {
  const midi::Score& score = piece.file.score;
  const auto orchestra = midi::find_orchestra(score);
  const midi::Ticks end = midi::end_time(score);
  json first_bar;
  auto bars = bars_of(score, first_bar);
  return {{"id", piece.id},
          {"name", piece.name},
          {"command", piece.command},
          {"made_as", piece.made_as},
          {"filled", piece.filled},
          {"ticks_per_quarter", ticks_per_quarter(score)},
          {"end", end.count},
          {"seconds", midi::TempoMap(score).seconds(end).count},
          {"times", times_of(score, end)},
          {"first_bar", first_bar},
          {"bars", std::move(bars)},
          {"meters", meters_of(score)},
          {"keys", keys_of(score)},
          {"markers", markers_of(score)},
          {"parts", parts_of(orchestra)},
          {"notes", notes_of(score, orchestra)},
          {"warnings", warnings_of(piece.file)}};
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace musicvae::studio
