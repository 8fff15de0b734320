#include "midi/live/playback.hpp"

#include <random>

#include "midi/error.hpp"
#include "tests/catch.hpp"
#include "tests/midi/memory_port.hpp"
#include "tests/midi/random_score.hpp"

namespace musicvae::midi {
namespace {

Note note(int onset, int duration, int channel, int pitch) {
  Note note;
  note.onset = Ticks(onset);
  note.duration = Ticks(duration);
  note.channel = static_cast<std::uint8_t>(channel);
  note.pitch = static_cast<std::uint8_t>(pitch);
  return note;
}

Score score_of(std::vector<Note> notes, std::vector<ChannelMessage> messages = {}) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = std::move(notes);
  score.tracks[0].messages = std::move(messages);
  return score;
}

std::vector<ShortMessage> messages_of(const Playback& playback) {
  std::vector<ShortMessage> messages;
  for (const auto& scheduled : playback.messages) messages.push_back(scheduled.message);
  return messages;
}

using Messages = std::vector<ShortMessage>;

TEST_CASE("Times follow the tempo map and the tempo scale", "[midi][playback]") {
  Score score = score_of({note(480, 480, 0, 60)});
  score.tempos = {{Ticks(0), 500'000}, {Ticks(480), 1'000'000}};
  const Playback playback = make_playback(score);
  REQUIRE(playback.messages.size() == 2);
  CHECK(playback.messages[0].time.count == Approx(0.5));
  CHECK(playback.messages[1].time.count == Approx(1.5));
  CHECK(playback.length.count == Approx(1.5));
  PlaybackOptions twice;
  twice.tempo_scale = 2;
  CHECK(make_playback(score, twice).messages[1].time.count == Approx(0.75));
}

TEST_CASE("At one time notes end, then controls change, then notes start", "[midi][playback]") {
  const Score score = score_of({note(0, 480, 0, 60), note(480, 480, 0, 60), note(480, 0, 9, 61)},
                               {{Ticks(480), 0xC0, {5, 0}}});
  CHECK(messages_of(make_playback(score)) ==
        Messages{note_on(0, 60, 64), note_off(0, 60), program_change(0, 5), note_on(0, 60, 64),
                 note_on(9, 61, 64), note_off(9, 61), note_off(0, 60)});
}

TEST_CASE("From the middle, what was in force before is sent first and begun notes are left out",
          "[midi][playback]") {
  const Score score =
      score_of({note(0, 960, 0, 60), note(480, 480, 0, 62)}, {{Ticks(0), 0xC0, {5, 0}},
                                                              {Ticks(1), 0xB0, {7, 100}},
                                                              {Ticks(2), 0xB0, {101, 0}},
                                                              {Ticks(3), 0xB0, {100, 0}},
                                                              {Ticks(4), 0xB0, {6, 12}},
                                                              {Ticks(5), 0xB0, {101, 127}},
                                                              {Ticks(6), 0xB0, {7, 90}},
                                                              {Ticks(7), 0xE0, {0, 70}},
                                                              {Ticks(500), 0xC0, {6, 0}}});
  PlaybackOptions options;
  options.from = Ticks(480);
  const Playback playback = make_playback(score, options);
  CHECK(messages_of(playback) == Messages{program_change(0, 5), control_change(0, 101, 0),
                                          control_change(0, 100, 0), control_change(0, 6, 12),
                                          control_change(0, 101, 127), control_change(0, 7, 90),
                                          channel_message(0xE0, 0, 70), note_on(0, 62, 64),
                                          program_change(0, 6), note_off(0, 62)});
  CHECK(playback.messages[7].time == Seconds(0));
}

TEST_CASE("From the middle, a program keeps the bank that was chosen before it",
          "[midi][playback]") {
  PlaybackOptions options;
  options.from = Ticks(480);
  const Score score = score_of({note(480, 480, 0, 60)}, {{Ticks(0), 0xB0, {0, 8}},
                                                         {Ticks(0), 0xB0, {32, 1}},
                                                         {Ticks(1), 0xC0, {5, 0}},
                                                         {Ticks(2), 0xB0, {0, 9}}});
  CHECK(messages_of(make_playback(score, options)) ==
        Messages{control_change(0, 0, 8), control_change(0, 32, 1), program_change(0, 5),
                 control_change(0, 0, 9), note_on(0, 60, 64), note_off(0, 60)});
}

const std::string kGmOn = "\x7E\x7F\x09\x01\xF7";

TEST_CASE("System exclusive messages are sent whole, in their place", "[midi][playback]") {
  Score score = score_of({note(0, 480, 0, 60), note(480, 480, 0, 62)});
  score.tracks[0].sysex = {{Ticks(0), 0xF0, kGmOn},
                           {Ticks(480), 0xF0, "\x7F\x7F\x04\x01\x10\x20\xF7"}};
  const auto playback = make_playback(score);
  REQUIRE(playback.messages.size() == 6);
  CHECK(playback.messages[0].exclusive == '\xF0' + kGmOn);
  CHECK(playback.messages[1].message == note_on(0, 60, 64));
  CHECK(playback.messages[3].exclusive == "\xF0\x7F\x7F\x04\x01\x10\x20\xF7");
  CHECK(playback.messages[4].message == note_on(0, 62, 64));
  CHECK(playback.exclusive_left_out == 0);
}

TEST_CASE("From the middle, what a device was told before is sent first", "[midi][playback]") {
  Score score = score_of({note(480, 480, 0, 60)}, {{Ticks(0), 0xC0, {5, 0}}});
  score.tracks[0].sysex = {{Ticks(10), 0xF0, kGmOn}};
  PlaybackOptions options;
  options.from = Ticks(480);
  const auto playback = make_playback(score, options);
  REQUIRE(playback.messages.size() == 4);
  CHECK(playback.messages[0].exclusive == '\xF0' + kGmOn);
  CHECK(playback.messages[1].message == program_change(0, 5));
}

TEST_CASE("A part of a system exclusive message is left out and counted", "[midi][playback]") {
  Score score = score_of({note(0, 480, 0, 60)});
  score.tracks[0].sysex = {{Ticks(0), 0xF0, "\x43\x12"},
                           {Ticks(1), 0xF7, "\x01\xF7"},
                           {Ticks(2), 0xF0, ""},
                           {Ticks(3), 0xF0, "\x43\x90\xF7"}};
  const auto playback = make_playback(score);
  CHECK(playback.messages.size() == 2);
  CHECK(playback.exclusive_left_out == 4);
}

TEST_CASE("Music waits for a device that was reset, and stays in time", "[midi][playback]") {
  Score score = score_of({note(0, 480, 0, 60), note(480, 480, 0, 62)});
  score.tracks[0].sysex = {{Ticks(0), 0xF0, kGmOn}};
  PlaybackOptions options;
  options.pauses = true;
  const auto playback = make_playback(score, options), plain = make_playback(score);
  const double wait = playback.messages[1].time.count;
  CHECK(wait >= 0.05);
  CHECK(wait < 0.1);
  for (std::size_t i = 1; i < playback.messages.size(); ++i) {
    CHECK(playback.messages[i].time.count == Approx(plain.messages[i].time.count + wait));
  }
  CHECK(playback.length.count == Approx(plain.length.count + wait));
}

TEST_CASE("At the end notes that sound on are cut", "[midi][playback]") {
  PlaybackOptions options;
  options.to = Ticks(240);
  const Playback playback =
      make_playback(score_of({note(0, 960, 0, 60), note(240, 480, 0, 62)}), options);
  CHECK(messages_of(playback) == Messages{note_on(0, 60, 64), note_off(0, 60)});
  CHECK(playback.length.count == Approx(0.25));
}

TEST_CASE("A clock has a start, 24 messages a quarter and a stop", "[midi][playback]") {
  PlaybackOptions options;
  options.clock = true;
  Score score = score_of({});
  score.tracks[0].end = Ticks(960);
  const Playback playback = make_playback(score, options);
  REQUIRE(playback.messages.size() == 50);
  CHECK(playback.messages.front().message == real_time(kClockStart));
  for (std::size_t i = 0; i < 48; ++i) {
    CHECK(playback.messages[i + 1].message == real_time(kTimingClock));
    CHECK(playback.messages[i + 1].time.count == Approx(static_cast<double>(i) / 48));
  }
  CHECK(playback.messages.back().message == real_time(kClockStop));
}

TEST_CASE("A clock is even where ticks are coarser", "[midi][playback]") {
  PlaybackOptions options;
  options.clock = true;
  Score score = score_of({});
  score.division.ticks_per_quarter = 2;
  score.tracks[0].end = Ticks(2);
  const Playback playback = make_playback(score, options);
  REQUIRE(playback.messages.size() == 26);
  CHECK(playback.messages[2].time.count == Approx(0.5 / 24));
}

TEST_CASE("From the middle a clock tells its place and continues", "[midi][playback]") {
  PlaybackOptions options;
  options.clock = true;
  options.from = Ticks(480 * 4 * 10);
  Score score = score_of({});
  score.tracks[0].end = options.from + Ticks(480);
  const Playback playback = make_playback(score, options);
  CHECK(playback.messages[0].message == ShortMessage{{kSongPosition, 160 & 0x7F, 160 >> 7}, 3});
  CHECK(playback.messages[1].message == real_time(kClockContinue));
  CHECK(playback.messages[2].time == Seconds(0));
  CHECK(playback.messages.size() == 2 + 24 + 1);
}

TEST_CASE("A clock that cannot be is an error", "[midi][playback]") {
  PlaybackOptions options;
  options.clock = true;
  Score score = score_of({});
  score.division = {0, 25, 40};
  CHECK_THROWS_AS(make_playback(score, options), MidiError);
  score.division = {1, 0, 0};
  score.tracks[0].notes = {note(0, 1, 0, 60)};
  score.tracks[0].notes[0].duration = Ticks(std::int64_t{1} << 40);
  CHECK_THROWS_AS(make_playback(score, options), MidiError);
}

TEST_CASE("Any part of any score ends every note it starts, in the order of time",
          "[midi][playback]") {
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    const Score score = testing::random_score(random);
    PlaybackOptions options;
    const std::int64_t end = end_time(score).count + 1;
    options.from = Ticks(static_cast<std::int64_t>(random()) % end);
    options.to = options.from + Ticks(static_cast<std::int64_t>(random()) % end);
    const Playback playback = make_playback(score, options);
    std::vector<TimedMessage> sent;
    Seconds before;
    for (const auto& scheduled : playback.messages) {
      if (scheduled.time < before || scheduled.time > playback.length) FAIL("out of order");
      before = scheduled.time;
      if (scheduled.exclusive.empty()) sent.push_back({{}, scheduled.message});
    }
    CHECK(testing::hanging_notes(sent) == 0);
  }
}

}  // namespace
}  // namespace musicvae::midi
