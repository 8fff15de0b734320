#include "src/live/play_queue.hpp"

#include <chrono>
#include <thread>

#include "tests/catch.hpp"
#include "tests/midi/memory_port.hpp"

using namespace musicvae;
using namespace std::chrono_literals;
using midi::testing::MemoryOutput;

namespace {

midi::Playback one_note(int pitch, double seconds) {
  return {{{midi::Seconds(0), midi::note_on(0, pitch, 80)},
           {midi::Seconds(seconds), midi::note_off(0, pitch)}},
          midi::Seconds(seconds)};
}

}  // namespace

TEST_CASE("What is queued plays in turn, each at its time", "[src][live]") {
  MemoryOutput output;
  PlayQueue queue(output);
  const auto start = midi::LiveClock::now() + 20ms;
  queue.add(one_note(60, 0.03), start);
  queue.add(one_note(62, 0.03), start + 30ms);
  while (!queue.empty()) {
    queue.step();
    std::this_thread::sleep_for(1ms);
  }
  std::vector<midi::TimedMessage> starts;
  for (const auto& message : output.sent()) {
    if (message.message.is_channel_message() && message.message.is_note_on()) {
      starts.push_back(message);
    }
  }
  REQUIRE(starts.size() == 2);
  CHECK(starts[0].message.bytes[1] == 60);
  CHECK(starts[0].time >= start);
  CHECK(starts[1].time >= start + 30ms);
  CHECK(midi::testing::hanging_notes(output.sent()) == 0);
}

TEST_CASE("A queue that is left in the midst of a note ends it", "[src][live]") {
  MemoryOutput output;
  {
    PlayQueue queue(output);
    queue.add(one_note(60, 60), midi::LiveClock::now());
    while (output.sent().empty()) std::this_thread::sleep_for(1ms);
    CHECK(midi::testing::hanging_notes(output.sent()) == 1);
  }
  CHECK(midi::testing::hanging_notes(output.sent()) == 0);
}

TEST_CASE("The loss of the port comes out of the queue", "[src][live]") {
  MemoryOutput output;
  output.unplug_after(0);
  PlayQueue queue(output);
  const auto play_on = [&] {
    queue.add(one_note(60, 60), midi::LiveClock::now());
    for (int i = 0; i < 5000; ++i) {
      queue.step();
      std::this_thread::sleep_for(1ms);
    }
  };
  CHECK_THROWS_AS(play_on(), midi::MidiError);
}
