#include "midi/live/player.hpp"

#include "tests/catch.hpp"
#include "tests/eventually.hpp"
#include "tests/midi/memory_port.hpp"

namespace musicvae::midi {
namespace {

using test::eventually;
using testing::hanging_notes;
using testing::MemoryOutput;

/// `count` notes on two channels, one every `interval` seconds, each three intervals long.
Playback scale(int count, double interval) {
  Playback playback;
  for (int i = 0; i < count + 3; ++i) {
    const Seconds time(i * interval);
    if (i >= 3) playback.messages.push_back({time, note_off(i % 2 + 1, 40 + (i - 3) % 80)});
    if (i < count) playback.messages.push_back({time, note_on((i + 1) % 2 + 1, 40 + i % 80, 90)});
  }
  playback.length = Seconds((count + 3) * interval);
  return playback;
}

std::size_t count_of(const MemoryOutput& output, const ShortMessage& message) {
  const auto sent = output.sent();
  return static_cast<std::size_t>(std::count_if(
      sent.begin(), sent.end(), [&](const TimedMessage& m) { return m.message == message; }));
}

TEST_CASE("Everything is sent in order, none early, and silence follows", "[midi][player]") {
  MemoryOutput output;
  const Playback playback = scale(20, 0.005);
  Player player(output, playback);
  const auto start = LiveClock::now() + std::chrono::milliseconds(20);
  player.start(start);
  REQUIRE(eventually([&] { return player.finished(); }));
  const auto sent = output.sent();
  REQUIRE(sent.size() == playback.messages.size() + 4);
  for (std::size_t i = 0; i < playback.messages.size(); ++i) {
    CHECK(sent[i].message == playback.messages[i].message);
    const std::chrono::duration<double> time = sent[i].time - start;
    CHECK(time.count() >= playback.messages[i].time.count - 1e-6);
  }
  CHECK(sent[sent.size() - 3].message == control_change(1, 123, 0));
  CHECK(sent.back().message == control_change(2, 123, 0));
  CHECK(player.lateness().size() == playback.messages.size());
}

TEST_CASE("Stopped at any place, no note hangs", "[midi][player]") {
  for (const std::size_t messages : {0, 1, 5, 13}) {
    MemoryOutput output;
    Player player(output, scale(20, 0.002));
    player.start();
    REQUIRE(eventually([&] { return output.sent().size() >= messages; }));
    player.stop();
    CHECK(player.finished());
    CHECK(hanging_notes(output.sent()) == 0);
  }
}

TEST_CASE("A player that goes away leaves no note", "[midi][player]") {
  MemoryOutput output;
  {
    Player player(output, scale(20, 0.01));
    player.start();
    REQUIRE(eventually([&] { return output.sent().size() > 4; }));
  }
  CHECK(hanging_notes(output.sent()) == 0);
}

TEST_CASE("A port that disappears, at whatever message, is told and ends the playing",
          "[midi][player]") {
  for (std::size_t messages = 0; messages < 20; ++messages) {
    MemoryOutput output;
    output.unplug_after(messages);
    Player player(output, scale(10, 0.0002));
    player.start();
    CHECK_THROWS_AS(eventually([&] { return player.finished(); }), MidiError);
    CHECK(output.sent().size() == messages);
  }
}

TEST_CASE("A pause ends what sounds and holds the time; then it goes on with its pedals",
          "[midi][player]") {
  MemoryOutput output;
  Playback playback = scale(10'000, 0.02);  // Longer than the test.
  playback.messages.insert(playback.messages.begin(), {Seconds(0), control_change(1, 64, 127)});
  Player player(output, playback, {false, true});
  const auto start = LiveClock::now();
  player.start(start);
  REQUIRE(eventually([&] { return output.sent().size() > 6; }));
  player.pause();
  const auto paused = output.sent();
  const Seconds position = player.position();
  CHECK(hanging_notes(paused) == 0);
  const auto played = static_cast<std::size_t>(
      std::find_if(paused.begin(), paused.end(),
                   [](const auto& m) { return m.message == real_time(kClockStop); }) -
      paused.begin());
  REQUIRE(played < paused.size());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK(output.sent().size() == paused.size());
  CHECK(player.position() == position);
  player.resume();
  REQUIRE(eventually([&] { return output.sent().size() > paused.size() + 2; }));
  player.stop();
  const auto sent = output.sent();
  CHECK(sent[paused.size()].message == control_change(1, 64, 127));
  CHECK(sent[paused.size() + 1].message == real_time(kClockContinue));
  const auto& [time, message] = sent[paused.size() + 2];
  CHECK(message == playback.messages[played].message);
  const std::chrono::duration<double> since_start = time - start;
  CHECK(since_start.count() >= playback.messages[played].time.count + 0.1);
  CHECK(hanging_notes(sent) == 0);
}

TEST_CASE("A player stopped in a pause ends", "[midi][player]") {
  MemoryOutput output;
  Player player(output, scale(10, 0.02));
  player.start();
  player.pause();
  player.stop();
  CHECK(player.finished());
}

TEST_CASE("A loop starts again at the end, without drift", "[midi][player]") {
  MemoryOutput output;
  const Playback playback = scale(3, 0.005);
  Player player(output, playback, {true, false});
  const auto start = LiveClock::now();
  player.start(start);
  const ShortMessage first = playback.messages.front().message;
  REQUIRE(eventually([&] { return count_of(output, first) >= 4; }));
  player.stop();
  int round = 0;
  for (const auto& [time, message] : output.sent()) {
    if (message != first) continue;
    const std::chrono::duration<double> since_start = time - start;
    CHECK(since_start.count() >= round++ * playback.length.count - 1e-6);
  }
  CHECK(hanging_notes(output.sent()) == 0);
}

TEST_CASE("What has no length does not loop", "[midi][player]") {
  MemoryOutput output;
  Player player(output, {}, {true, false});
  player.start();
  REQUIRE(eventually([&] { return player.finished(); }));
  CHECK(output.sent().empty());
}

TEST_CASE("A flood is sent whole", "[midi][player]") {
  MemoryOutput output;
  Playback flood;
  for (int i = 0; i < 50'000; ++i) {
    flood.messages.push_back({Seconds(i / 50'000.0),
                              i % 2 == 0 ? note_on(0, i / 2 % 128, 1) : note_off(0, i / 2 % 128)});
  }
  flood.length = Seconds(1);
  Player player(output, flood);
  player.start();
  REQUIRE(eventually([&] { return player.finished(); }));
  CHECK(output.sent().size() == flood.messages.size() + 2);
  CHECK(hanging_notes(output.sent()) == 0);
}

}  // namespace
}  // namespace musicvae::midi
