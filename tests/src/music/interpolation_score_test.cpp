#include <algorithm>
#include <map>

#include "midi/orchestra.hpp"
#include "src/music/musicvae.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets::testing;
using Catch::Contains;
using midi::Ticks;

namespace {

/// Bars of 4/4 in quarters, each track of which is on the channel of its number.
midi::Score score_of(int bars, const std::vector<std::string>& tracks, int ticks = 480) {
  midi::Score score;
  score.division.ticks_per_quarter = ticks;
  score.meters = {{Ticks(0), {4, 4}, 24, 8}};
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    midi::Track track;
    track.metas = {{Ticks(0), midi::kTrackName, tracks[i]}};
    track.messages = {{Ticks(0), std::uint8_t(0xC0 + i), {std::uint8_t(40 + i), 0}}};
    for (int quarter = 0; quarter < 4 * bars; ++quarter) {
      track.notes.push_back({Ticks(quarter * ticks), Ticks(ticks), std::uint8_t(i),
                             std::uint8_t(72 - 24 * int(i) + quarter % 4),
                             std::uint8_t(quarter % 4 == 0 ? 100 : 60), 0});
    }
    track.end = Ticks(4 * bars * ticks);
    score.tracks.push_back(track);
  }
  return score;
}

Source source_of(const midi::Score& score) {
  midi::ReadResult file;
  file.score = score;
  return make_source("piece.mid", file, datasets::Grid{4});
}

/// Steps that are A or B themselves, as a model without faults makes of equal pieces.
std::vector<InterpolationStep> steps_of(const Source& a, const Source& b, int count, int bars) {
  std::vector<InterpolationStep> steps;
  for (int i = 0; i < count; ++i) {
    const double t = double(i) / (count - 1);
    auto music = repeat_or_cut((t < 0.5 ? a : b).piece.music, bars);
    for (auto& bar : music.bars) {
      for (auto& note : bar.notes) note.part = 0, note.velocity = 80;
    }
    steps.push_back({t, music});
  }
  return steps;
}

midi::Tempo tempo_at(const midi::Score& score, Ticks time) {
  midi::Tempo tempo;
  for (const auto& change : score.tempos) {
    if (change.time <= time) tempo = change;
  }
  return tempo;
}

std::vector<midi::MetaEvent> markers_of(const midi::Score& score) {
  std::vector<midi::MetaEvent> markers;
  for (const auto& meta : score.tracks.at(0).metas) {
    if (meta.type == 6) markers.push_back(meta);
  }
  return markers;
}

template <class Change>
bool states_at(const std::vector<Change>& changes, Ticks time) {
  return std::any_of(changes.begin(), changes.end(),
                     [time](const Change& change) { return change.time == time; });
}

}  // namespace

TEST_CASE("Joined steps go from A's tempo to B's, and each states how it is to be played",
          "[src][interpolation]") {
  midi::Score score_a = score_of(2, {"Flute", "Cello"}), score_b = score_of(2, {"Flute", "Harp"});
  score_a.tempos = {{Ticks(0), 1'000'000}};
  score_b.tempos = {{Ticks(0), 333'333}};
  score_a.keys = {{Ticks(0), 2, false}};
  score_b.keys = {{Ticks(0), -3, true}};
  score_b.tracks[0].messages[0].data[0] = 73;
  const Source a = source_of(score_a), b = source_of(score_b);
  const auto joined = join_steps(steps_of(a, b, 5, 2), a, b);
  const std::vector<double> wanted = {60, 90, 120, 150, 180};
  const auto markers = markers_of(joined);
  REQUIRE(markers.size() == 5);
  for (int step = 0; step < 5; ++step) {
    INFO(step);
    const Ticks start(2 * 1920 * step);
    CHECK(tempo_at(joined, start).time == start);
    CHECK(tempo_at(joined, start).quarters_per_minute() == Approx(wanted[std::size_t(step)]));
    CHECK(states_at(joined.meters, start));
    CHECK(states_at(joined.keys, start));
    CHECK(states_at(joined.tracks[0].messages, start));
    CHECK(states_at(joined.tracks[step < 2 ? 1 : 2].messages, start));
    CHECK(markers[std::size_t(step)].time == start);
  }
  CHECK(markers[1].data == "step 2 of 5, t = 0.25");
  CHECK(joined.keys[1].sharps == 2);
  CHECK(joined.keys[2].sharps == -3);
  REQUIRE(joined.tracks.size() == 3);
  const auto voices = midi::find_orchestra(joined).voices;
  REQUIRE(voices.size() == 3);
  CHECK(voices[0].name == "Flute");
  CHECK(voices[1].name == "Cello");
  CHECK(voices[2].name == "Harp");
  CHECK(joined.tracks[0].notes.size() == 5 * 8);
  CHECK(joined.tracks[1].notes.size() == 2 * 8);
  CHECK(joined.tracks[2].notes.size() == 3 * 8);
  CHECK(joined.tracks[0].messages[1].data[0] == 40);
  CHECK(joined.tracks[0].messages[2].data[0] == 73);
  CHECK(joined.tracks[0].notes[0].velocity == 100);
  CHECK(joined.tracks[0].notes[1].velocity == 60);
}

TEST_CASE("Tempo changes stand in the bars in which the pieces have them", "[src][interpolation]") {
  midi::Score score_a = score_of(4, {""}), score_b = score_of(2, {""}, 96);
  score_a.tempos = {{Ticks(0), 500'000}, {Ticks(3 * 1920 + 960), 1'000'000}};
  score_b.tempos = {{Ticks(384), 250'000}};  // 120, then 240 in the second bar.
  const Source a = source_of(score_a), b = source_of(score_b);
  const auto steps = steps_of(a, b, 3, 4);
  const auto tempos = [&](std::size_t step) {
    std::vector<std::pair<std::int64_t, int>> list;
    const auto score = score_of_step(steps[step], a, b);
    const int ticks = score.division.ticks_per_quarter;
    for (const auto& tempo : score.tempos)
      list.emplace_back(tempo.time.count * 480 / ticks, std::lround(tempo.quarters_per_minute()));
    return list;
  };
  using Tempos = std::vector<std::pair<std::int64_t, int>>;
  CHECK(tempos(0) == Tempos{{0, 120}, {6720, 60}});
  CHECK(tempos(1) == Tempos{{0, 120}, {1920, 180}, {3840, 120}, {5760, 180}, {6720, 150}});
  CHECK(tempos(2) == Tempos{{0, 120}, {1920, 240}, {3840, 120}, {5760, 240}});
}

TEST_CASE("Both pieces of an interpolation keep their parts, accents and resolution",
          "[src][interpolation]") {
  const Source a = source_of(score_of(2, {"", ""}, 480));
  const Source b = source_of(score_of(2, {"", ""}, 384));
  const auto joined = join_steps(steps_of(a, b, 2, 2), a, b);
  CHECK(joined.division.ticks_per_quarter == 1920);
  REQUIRE(joined.tracks.size() == 2);
  for (const midi::Track& track : joined.tracks) CHECK(track.notes.size() == 16);
}

TEST_CASE("A joined step is what it is alone, from its own start on",
          "[src][interpolation][property]") {
  Rng rng(81);
  for (int round = 0; round < 200; ++round) {
    std::vector<Source> sources;
    while (sources.size() < 2) {
      midi::Score score = random_score(rng);
      for (int i = pick(rng, 0, 5); i > 0; --i) {
        const Ticks time(pick(rng, 0, 30 * score.division.ticks_per_quarter));
        score.tempos.push_back({time, std::uint32_t(pick(rng, 1, 2'000'000))});
        score.keys.push_back({time, std::int8_t(pick(rng, -7, 7)), false});
      }
      const auto by_time = [](const auto& x, const auto& y) { return x.time < y.time; };
      std::stable_sort(score.tempos.begin(), score.tempos.end(), by_time);
      std::stable_sort(score.keys.begin(), score.keys.end(), by_time);
      sources.push_back(source_of(score));
    }
    const Source &a = sources[0], &b = sources[1];
    const int count = pick(rng, 2, 5);
    const auto steps = steps_of(a, b, count, pick(rng, 1, 9));
    const midi::Score joined = join_steps(steps, a, b);
    const datasets::Grid grid{4};
    const int ticks = joined.division.ticks_per_quarter;
    REQUIRE(markers_of(joined).size() == steps.size());
    REQUIRE(ticks >= grid.steps_per_quarter);
    std::size_t notes = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Ticks start = markers_of(joined)[i].time;
      const midi::Score alone = score_of_step(steps[i], a, b);
      REQUIRE(alone.division.ticks_per_quarter == ticks);
      notes += midi::note_count(alone);
      REQUIRE(states_at(joined.tempos, start));
      REQUIRE(states_at(joined.meters, start));
      for (const auto& tempo : alone.tempos) {
        REQUIRE(tempo_at(joined, start + tempo.time).microseconds_per_quarter ==
                tempo_at(alone, tempo.time).microseconds_per_quarter);
      }
      const Ticks end = i + 1 < steps.size() ? markers_of(joined)[i + 1].time : Ticks(1LL << 40);
      for (const auto& track : joined.tracks) {
        REQUIRE(std::is_sorted(track.notes.begin(), track.notes.end(),
                               [](const auto& x, const auto& y) { return x.onset < y.onset; }));
        for (const auto& note : track.notes) {
          if (note.onset >= start && note.onset < end) REQUIRE(note.onset + note.duration <= end);
        }
      }
    }
    REQUIRE(midi::note_count(joined) == notes);
    REQUIRE_NOTHROW(midi::write_midi(joined));
  }
}
