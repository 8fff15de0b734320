#include "midi/live/recording.hpp"

#include <array>

#include "midi/file/writer.hpp"
#include "src/base/random.hpp"
#include "tests/catch.hpp"

namespace musicvae::midi {
namespace {

LiveClock::time_point at(double seconds) {
  return LiveClock::time_point(
      std::chrono::duration_cast<LiveClock::duration>(std::chrono::duration<double>(seconds)));
}

void add(Recording& recording, double seconds, const ShortMessage& message) {
  recording.add({at(seconds), message});
}

/// Clocks of `tempo` quarters a minute from `start` up to `end`, with `notes` among them.
void add_clocks(Recording& recording, double start, double end, double tempo) {
  for (double time = start; time < end - 1e-9; time += 60 / tempo / 24)
    add(recording, time, real_time(kTimingClock));
}

TEST_CASE("The first note is tick 0, at the tempo that was asked for", "[midi][recording]") {
  Recording recording({60, {3, 4}});
  CHECK_FALSE(recording.position(at(9)));
  add(recording, 10, program_change(3, 5));
  add(recording, 12, note_on(3, 60, 90));
  add(recording, 13, note_off(3, 60, 10));
  add(recording, 14.5, note_on(3, 62, 91));
  const Score score = recording.score(recording.end(at(15)));
  REQUIRE(score.tracks.size() == 1);
  const Track& track = score.tracks[0];
  CHECK(track.notes == std::vector<Note>{{Ticks(0), Ticks(480), 3, 60, 90, 10},
                                         {Ticks(1200), Ticks(240), 3, 62, 91}});
  CHECK(track.messages == std::vector<ChannelMessage>{{Ticks(0), 0xC3, {5, 0}}});
  CHECK(score.tempos == std::vector<Tempo>{{Ticks(0), 1'000'000}});
  CHECK(score.meters.at(0).meter == Meter{3, 4});
  CHECK(recording.bar_length() == Ticks(3 * 480));
}

TEST_CASE("After a count-in, time counts from its end; a note slightly early is on the first beat",
          "[midi][recording]") {
  Recording recording({120, {}});
  recording.start(at(10));
  add(recording, 9.0, note_on(0, 50, 90));
  add(recording, 9.1, note_off(0, 50));
  add(recording, 9.95, note_on(0, 60, 90));
  add(recording, 10.5, note_off(0, 60));
  add(recording, 11.0, note_on(0, 62, 90));
  add(recording, 11.5, note_off(0, 62));
  CHECK(recording.score(Ticks(9999)).tracks[0].notes ==
        std::vector<Note>{{Ticks(0), Ticks(480), 0, 60, 90, 0},
                          {Ticks(960), Ticks(480), 0, 62, 90, 0}});
}

TEST_CASE("At the end notes are closed and later ones left out", "[midi][recording]") {
  Recording recording({120, {}});
  add(recording, 0, note_on(0, 60, 90));
  add(recording, 1, note_on(0, 62, 90));
  add(recording, 2, control_change(0, 7, 1));
  const Score score = recording.score(Ticks(960));
  CHECK(score.tracks[0].notes == std::vector<Note>{{Ticks(0), Ticks(960), 0, 60, 90}});
  CHECK(score.tracks[0].messages.empty());
  CHECK(score.tracks[0].end == Ticks(960));
}

TEST_CASE("A MIDI clock's start is tick 0 and its tempo the tempo", "[midi][recording]") {
  Recording recording({120, {}});
  add(recording, 5, real_time(kClockStart));
  add_clocks(recording, 5, 7, 60);
  add(recording, 7.0, real_time(kTimingClock));
  add(recording, 7.0, note_on(0, 60, 90));
  add_clocks(recording, 7 + 1.0 / 24, 9, 60);
  add_clocks(recording, 9, 11, 90);
  add(recording, 11.0, note_off(0, 60));
  CHECK(recording.follows_clock());
  const Score score = recording.score(recording.end(at(11)));
  REQUIRE(score.tracks[0].notes.size() == 1);
  CHECK(score.tracks[0].notes[0].onset == Ticks(960));
  CHECK(std::abs(score.tracks[0].notes[0].duration.count - (960 + 1440)) <= 20);
  REQUIRE(score.tempos.size() == 2);
  CHECK(score.tempos[0].time == Ticks(0));
  CHECK(score.tempos[0].quarters_per_minute() == Approx(60).epsilon(0.001));
  CHECK(std::abs(score.tempos[1].time.count - 1920) <= 1);
  CHECK(score.tempos[1].quarters_per_minute() == Approx(90).epsilon(0.001));
}

TEST_CASE("A clock that comes late takes over where the recording is", "[midi][recording]") {
  Recording recording({120, {}});
  add(recording, 0, note_on(0, 60, 90));
  add(recording, 1, note_off(0, 60));
  add_clocks(recording, 1, 3, 60);
  add(recording, 3, note_on(0, 62, 90));
  const Score score = recording.score(recording.end(at(4)));
  REQUIRE(score.tracks[0].notes.size() == 2);
  CHECK(std::abs(score.tracks[0].notes[1].onset.count - (960 + 960)) < 25);
  CHECK(score.tempos.front().quarters_per_minute() == Approx(120));
  CHECK(score.tempos.back().quarters_per_minute() == Approx(60).epsilon(0.01));
}

TEST_CASE("Nothing goes back in time when a clock takes over that is slower", "[midi][recording]") {
  Recording recording({120, {}});
  add(recording, 0, note_on(0, 60, 90));
  add(recording, 1, real_time(kTimingClock));
  add(recording, 1.04, note_on(0, 62, 90));
  add(recording, 1.05, real_time(kTimingClock));
  add(recording, 1.05, note_on(0, 64, 90));
  const Score score = recording.score(Ticks(9999));
  REQUIRE(score.tracks[0].notes.size() == 3);
  CHECK(score.tracks[0].notes[1].onset <= score.tracks[0].notes[2].onset);
}

TEST_CASE("A clock of another tempo that runs during the count-in takes over at its end",
          "[midi][recording]") {
  Recording recording({120, {}});
  recording.start(at(2));
  add_clocks(recording, 0, 2.01, 60);
  add(recording, 2.02, note_on(0, 60, 90));
  add_clocks(recording, 2 + 1.0 / 24, 4, 60);
  add(recording, 4, note_off(0, 60));
  const Score score = recording.score(recording.end(at(4)));
  REQUIRE(score.tracks[0].notes.size() == 1);
  CHECK(score.tracks[0].notes[0].onset <= Ticks(20));
  CHECK(std::abs(score.tracks[0].notes[0].duration.count - 960) <= 20);
  CHECK(score.tempos.front().time == Ticks(0));
  CHECK(score.tempos.front().quarters_per_minute() == Approx(60).epsilon(0.01));
  CHECK_NOTHROW(write_midi(score));
}

TEST_CASE("Whatever a clock does, the take can be written", "[midi][recording]") {
  SplitMix64 random(1);
  for (int take = 0; take < 300; ++take) {
    Recording recording({120, {}});
    if (random.below(2) == 0) recording.start(at(2));
    double now = 0;
    for (int event = 0; event < 200; ++event) {
      now += random.below(4) == 0 ? 0 : random.uniform() * 0.1;
      const auto choice = random.below(12);
      const std::array others = {kClockStart, kClockContinue, kClockStop};
      if (choice < 7) {
        add(recording, now, real_time(kTimingClock));
      } else if (choice < 10) {
        add(recording, now, note_on(0, 20 + event % 100, 90));
      } else if (choice == 10) {
        add(recording, now, real_time(others[static_cast<std::size_t>(random.below(3))]));
      } else {
        const auto high = static_cast<std::uint8_t>(random.below(128));
        add(recording, now, ShortMessage{{kSongPosition, 0, high}, 3});
      }
    }
    const Score score = recording.score(recording.end(at(now)));
    INFO("take " << take);
    CHECK_NOTHROW(write_midi(score));
  }
}

}  // namespace
}  // namespace musicvae::midi
