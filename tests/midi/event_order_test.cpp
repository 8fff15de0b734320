#include "midi/event_order.hpp"

#include <random>
#include <string>
#include <vector>

#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "midi/live/playback.hpp"
#include "midi/live/recording.hpp"
#include "tests/catch.hpp"
#include "tests/midi/smf_bytes.hpp"

namespace musicvae::midi {
namespace {

struct Event {
  int tick;
  ShortMessage message;
};

/// Notes, controllers and programs in any order, many at one tick. Each note is ended.
std::vector<Event> random_events(std::mt19937& random) {
  const auto draw = [&](int below) { return static_cast<int>(random() % unsigned(below)); };
  std::vector<Event> events;
  std::vector<std::pair<int, int>> sounding;
  int tick = 0;
  const auto end_note = [&](std::size_t i) {
    events.push_back({tick, note_off(sounding[i].first, sounding[i].second)});
    sounding.erase(sounding.begin() + static_cast<std::ptrdiff_t>(i));
  };
  for (int left = 1 + draw(80); left > 0; --left) {
    tick += draw(3) == 0 ? 1 + draw(100) : 0;
    const int kind = draw(5), channel = draw(2);
    if (kind < 2 && !sounding.empty()) {
      end_note(static_cast<std::size_t>(draw(static_cast<int>(sounding.size()))));
    } else if (kind < 3) {
      sounding.emplace_back(channel, 60 + draw(4));
      events.push_back({tick, note_on(channel, sounding.back().second, 1 + draw(127))});
    } else if (kind == 3) {
      events.push_back({tick, control_change(channel, 64, draw(128))});
    } else {
      events.push_back({tick, program_change(channel, draw(128))});
    }
  }
  while (!sounding.empty()) end_note(0);
  return events;
}

/// A track with a status for each event.
std::string track_of(const std::vector<Event>& events) {
  std::string track;
  int tick = 0;
  for (const Event& event : events) {
    append_variable_length(track, static_cast<std::uint32_t>(event.tick - tick));
    tick = event.tick;
    const auto& bytes = event.message.bytes;
    track.append(bytes.begin(), bytes.begin() + event.message.size);
  }
  return track;
}

std::vector<ShortMessage> messages_of(const std::vector<Event>& events) {
  std::vector<ShortMessage> messages;
  for (const Event& event : events) messages.push_back(event.message);
  return messages;
}

std::vector<ShortMessage> played(const Score& score) {
  std::vector<ShortMessage> messages;
  for (const auto& scheduled : make_playback(score).messages) messages.push_back(scheduled.message);
  return messages;
}

Score read_track(const std::vector<Event>& events) {
  return testing::read(testing::file_of({track_of(events)})).score;
}

/// Pedal before note-off, a program between two notes, and a note before a controller.
std::vector<Event> unusual_order() {
  return {{0, note_on(0, 64, 90)},  {0, note_on(0, 60, 90)}, {9, control_change(0, 64, 127)},
          {9, note_off(0, 60)},     {9, note_on(0, 62, 80)}, {9, program_change(0, 5)},
          {9, note_on(0, 65, 80)},  {9, note_off(0, 64)},    {20, note_off(0, 62)},
          {20, note_on(0, 62, 80)}, {20, note_off(0, 62)},   {20, control_change(0, 64, 0)},
          {20, note_off(0, 65)}};
}

TEST_CASE("Events at one tick are written and played in the file's order", "[midi][order]") {
  const Score score = read_track(unusual_order());
  CHECK(played(score) == messages_of(unusual_order()));
  CHECK(played(read_midi(write_midi(score)).score) == messages_of(unusual_order()));
  CHECK(played(read_midi(write_midi(score, {.format = 0})).score) == messages_of(unusual_order()));
}

TEST_CASE("Any events are written and played in the file's order", "[midi][order]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const std::vector<Event> events = random_events(random);
    const Score score = read_track(events);
    INFO("seed " << seed);
    REQUIRE(played(score) == messages_of(events));
    const Score again = read_midi(write_midi(score)).score;
    REQUIRE(again == score);
    REQUIRE(played(again) == messages_of(events));
  }
}

/// Delta times and bytes of random meta events, notes and messages, as our writer writes them: with
/// running status, and an end-of-track event.
std::string random_track(std::mt19937& random) {
  const auto draw = [&](int below) { return static_cast<int>(random() % unsigned(below)); };
  const std::vector<std::string> choices = {
      testing::bytes({0xFF, 0x51, 3, 7, 161, draw(256)}),
      testing::bytes({0xFF, 0x58, 4, 1 + draw(9), draw(5), 24, 8}),
      testing::bytes({0xFF, 0x59, 2, draw(8), draw(2)}),
      testing::bytes({0xFF, 0x59, 2, 100, draw(2)}),  // 100 sharps: a key of no meaning.
      testing::bytes({0xFF, 0x03, 1, 'a' + draw(26)}),
      testing::bytes({0xFF, 0x01, 0}),
      testing::bytes({0xF0, 2, draw(128), 0xF7}),
      testing::bytes({0xB0, 64, draw(128)}),
      testing::bytes({0xC0, draw(128)}),
  };
  std::string track;
  int status = 0;
  const auto add = [&](int delta, const std::string& event) {
    const int own = static_cast<unsigned char>(event[0]);
    append_variable_length(track, static_cast<std::uint32_t>(delta));
    track += own < 0xF0 && own == status ? event.substr(1) : event;
    status = own < 0xF0 ? own : 0;
  };
  for (int left = draw(40); left > 0; --left) {
    add(draw(3) == 0 ? draw(300) : 0, choices[std::size_t(draw(int(choices.size())))]);
    if (draw(4) != 0) continue;
    add(0, testing::bytes({0x90, 60, 64}));
    add(draw(2), testing::bytes({0x90, 60, 0}));
  }
  return track;
}

TEST_CASE("Tempos, meters and keys stay in their tracks, in the file's order, however many",
          "[midi][order]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::string> tracks(1 + seed % 3);
    for (std::string& track : tracks) track = random_track(random);
    const std::string file = testing::file_of(tracks);
    const auto again = write_midi(testing::read(file).score);
    INFO("seed " << seed);
    REQUIRE(std::string(reinterpret_cast<const char*>(again.data()), again.size()) == file);
  }
}

TEST_CASE("A recording keeps the order of what arrives in one tick", "[midi][order]") {
  Recording recording({});
  for (const Event& event : unusual_order())
    recording.add({LiveClock::time_point(std::chrono::milliseconds(event.tick)), event.message});
  CHECK(played(recording.score(Ticks(480))) == messages_of(unusual_order()));
}

TEST_CASE("At one tick a track sets what the notes of another sound with", "[midi][order]") {
  Score score;
  score.tracks.resize(2);
  score.tracks[0].notes = {{Ticks(0), Ticks(9)}};
  score.tracks[1].messages = {{Ticks(0), 0xC0, {5, 0}}};
  CHECK(played(score) == std::vector{program_change(0, 5), note_on(0, 60, 64), note_off(0, 60)});
}

TEST_CASE("A track's late note-off does not end a note that another track begins there",
          "[midi][order]") {
  const std::vector<Event> first = {{0, note_on(0, 60, 64)}, {20, note_off(0, 60)}};
  std::vector<Event> second = {
      {0, note_on(0, 60, 64)}, {9, control_change(0, 64, 127)}, {9, note_off(0, 60)}};
  Score score = testing::read(testing::file_of({track_of(first), track_of(second)})).score;
  score.tracks[0].notes[0].onset = Ticks(9);
  CHECK(played(score) == std::vector{note_on(0, 60, 64), control_change(0, 64, 127),
                                     note_off(0, 60), note_on(0, 60, 64), note_off(0, 60)});
}

TEST_CASE("A merge of tracks keeps the order of each", "[midi][order]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<Track> tracks;
    for (int i = 0; i < 3; ++i) tracks.push_back(read_track(random_events(random)).tracks[0]);
    std::vector<std::vector<EventRef>> merged(3);
    Ticks before;
    for (const EventRef& event : merge_events(tracks)) {
      REQUIRE(event.time >= before);
      before = event.time;
      merged[event.track].push_back(event);
    }
    for (std::size_t track = 0; track < 3; ++track) {
      const std::vector<EventRef> own = order_events(tracks[track]);
      REQUIRE(merged[track].size() == own.size());
      for (std::size_t i = 0; i < own.size(); ++i) {
        REQUIRE(merged[track][i].kind == own[i].kind);
        REQUIRE(merged[track][i].index == own[i].index);
      }
    }
  }
}

TEST_CASE("More events out of order than places can tell are sorted, with a warning",
          "[midi][order]") {
  std::vector<Event> events;
  for (int i = 0; i < 70'000; ++i) {
    events.push_back({0, note_on(0, 60, 64)});
    events.push_back({0, note_off(0, 60)});
  }
  const auto result = testing::read(testing::file_of({track_of(events)}));
  CHECK(result.warnings.size() == 1);
  CHECK(note_count(result.score) == 70'000);
  CHECK(read_midi(write_midi(result.score)).score == result.score);
}

}  // namespace
}  // namespace musicvae::midi
