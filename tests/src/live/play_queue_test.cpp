#include "src/live/play_queue.hpp"

#include <chrono>

#include "tests/catch.hpp"
#include "tests/eventually.hpp"
#include "tests/midi/memory_port.hpp"

using namespace musicvae;
using namespace std::chrono_literals;
using midi::testing::MemoryOutput;
using test::eventually;

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
  REQUIRE(eventually([&] {
    queue.step();
    return queue.empty();
  }));
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
    REQUIRE(eventually([&] { return !output.sent().empty(); }));
    CHECK(midi::testing::hanging_notes(output.sent()) == 1);
  }
  CHECK(midi::testing::hanging_notes(output.sent()) == 0);
}

TEST_CASE("The loss of the port comes out of the queue", "[src][live]") {
  MemoryOutput output;
  output.unplug_after(0);
  PlayQueue queue(output);
  queue.add(one_note(60, 60), midi::LiveClock::now());
  const auto play_on = [&] {
    queue.step();
    return false;
  };
  CHECK_THROWS_AS(eventually(play_on), midi::MidiError);
}
