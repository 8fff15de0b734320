#include "midi/live/changed_controls.hpp"

#include <map>
#include <random>
#include <vector>

#include "midi/live/master_volume.hpp"
#include "midi/live/player.hpp"
#include "midi/part_mode.hpp"
#include "tests/catch.hpp"
#include "tests/eventually.hpp"
#include "tests/midi/memory_port.hpp"

namespace musicvae::midi {
namespace {

using testing::MemoryOutput;

/// A General MIDI device that knows no controller 121, with all that a channel may be set to.
struct Device {
  struct Channel {
    std::map<int, int> controllers{{0, 0},   {1, 0},   {7, 100}, {10, 64}, {11, 127},
                                   {32, 0},  {64, 0},  {66, 0},  {67, 0},  {71, 64},
                                   {74, 64}, {91, 40}, {93, 0}};
    int bend = 0x2000, bend_range = 2, parameter = 0x3FFF, pressure = 0, program = 0;
    int bank = 0;  // That of the program.

    bool operator==(const Channel&) const = default;
  };
  std::vector<Channel> channels = std::vector<Channel>(16);

  void take(const ShortMessage& message) {
    Channel& channel = channels[message.channel()];
    const int first = message.bytes[1], second = message.bytes[2];
    if (message.kind() == 0xC0) {
      channel.program = first;
      channel.bank = channel.controllers[0] << 7 | channel.controllers[32];
    }
    if (message.kind() == 0xD0) channel.pressure = first;
    if (message.kind() == 0xE0) channel.bend = second << 7 | first;
    if (message.kind() != 0xB0) return;
    if (first == 101) channel.parameter = second << 7 | (channel.parameter & 0x7F);
    if (first == 100) channel.parameter = (channel.parameter & ~0x7F) | second;
    if (first == 6 && channel.parameter == 0) channel.bend_range = second;
    if (channel.controllers.count(first) > 0) channel.controllers[first] = second;
  }
};

ShortMessage random_message(std::mt19937& random) {
  const auto below = [&](int count) {
    return static_cast<int>(random() % static_cast<unsigned>(count));
  };
  const int channel = below(4) == 0 ? 9 : below(3);
  constexpr int kControllers[] = {0, 1, 6, 7, 10, 11, 32, 38, 64, 66, 67, 71, 74, 91, 93, 100, 101};
  switch (below(5)) {
    case 0:
      return program_change(channel, below(128));
    case 1:
      return channel_message(0xE0 | channel, below(128), below(128));
    case 2:
      return channel_message(0xD0 | channel, below(128));
    default:
      return control_change(channel, kControllers[below(17)], below(128));
  }
}

TEST_CASE("A device is after any music as it was when it was switched on",
          "[midi][changed_controls]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    ChangedControls changed;
    Device device;
    for (unsigned i = 0; i < seed % 40; ++i) {
      const auto message = random_message(random);
      changed.note(message);
      device.take(message);
    }
    MemoryOutput output;
    changed.reset(output);
    for (const auto& sent : output.sent()) device.take(sent.message);
    INFO(seed);
    CHECK(device.channels == Device().channels);
  }
}

TEST_CASE("What was reset is not reset again, and notes change nothing",
          "[midi][changed_controls]") {
  ChangedControls changed;
  changed.note(channel_message(0xE3, 0, 0));
  MemoryOutput first, second;
  changed.reset(first);
  CHECK(first.sent().size() == 2);
  changed.note(note_on(3, 60, 90));
  changed.note(real_time(kTimingClock));
  changed.reset(second);
  CHECK(second.sent().empty());
}

TEST_CASE("A master volume is set back, and sent in its place",
          "[midi][player][changed_controls]") {
  const std::string quiet = "\xF0\x7F\x7F\x04\x01" + std::string(2, '\x10') + "\xF7";
  MemoryOutput output;
  Playback playback;
  playback.messages = {
      {Seconds(0), note_on(0, 60, 90)}, {Seconds(0), {}, quiet}, {Seconds(0.001), note_off(0, 60)}};
  playback.length = Seconds(0.002);
  Player player(output, playback);
  player.start();
  REQUIRE(test::eventually([&] { return player.finished(); }));
  REQUIRE(output.exclusive().size() == 2);
  CHECK(output.exclusive()[0] == quiet);
  CHECK(output.exclusive_places()[0] == 1);
  CHECK(output.exclusive()[1] == kFullMasterVolume);
}

TEST_CASE("Channels that became drums, or channel 10 that became none, are set back",
          "[midi][changed_controls]") {
  const std::string gs = encode_part_mode({3, true}), none = encode_part_mode({9, false});
  const std::string gm_on("\xF0\x7E\x7F\x09\x01\xF7");
  ChangedControls changed;
  changed.note_exclusive('\xF0' + gs);
  changed.note_exclusive('\xF0' + none);
  MemoryOutput first, second, third;
  changed.reset(first);
  CHECK(first.exclusive() == std::vector<std::string>{'\xF0' + encode_part_mode({3, false}),
                                                      '\xF0' + encode_part_mode({9, true})});
  changed.reset(second);
  CHECK(second.exclusive().empty());
  changed.note_exclusive('\xF0' + gs);
  changed.note_exclusive(gm_on);
  changed.reset(third);
  CHECK(third.exclusive().empty());
}

TEST_CASE("A player leaves a bend behind neither at the end nor where a loop begins again",
          "[midi][player][changed_controls]") {
  const ShortMessage bend = channel_message(0xE0, 0, 0), centre = channel_message(0xE0, 0, 64);
  for (const bool loop : {false, true}) {
    MemoryOutput output;
    Player player(output, {{{Seconds(0), bend}}, Seconds(0.005), 0}, {loop, false});
    player.start();
    REQUIRE(test::eventually([&] { return loop ? output.sent().size() > 12 : player.finished(); }));
    player.stop();
    int bends = 0, centres = 0;
    for (const auto& sent : output.sent()) {
      if (sent.message == bend) CHECK(bends++ == centres);
      if (sent.message == centre) ++centres;
    }
    CHECK(bends >= (loop ? 2 : 1));
    CHECK(centres == bends);
  }
}

}  // namespace
}  // namespace musicvae::midi
