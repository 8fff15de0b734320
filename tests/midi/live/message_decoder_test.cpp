#include "midi/live/message_decoder.hpp"

#include <initializer_list>
#include <random>
#include <vector>

#include "tests/catch.hpp"

namespace musicvae::midi {
namespace {

std::vector<ShortMessage> decode(MessageDecoder& decoder, std::initializer_list<int> bytes) {
  std::vector<ShortMessage> messages;
  for (const int byte : bytes) {
    if (const auto message = decoder.add(static_cast<std::uint8_t>(byte)))
      messages.push_back(*message);
  }
  return messages;
}

std::vector<ShortMessage> decode(std::initializer_list<int> bytes) {
  MessageDecoder decoder;
  return decode(decoder, bytes);
}

bool is_whole(const ShortMessage& message) {
  if (message.status() < 0x80 || message.size < 1 || message.size > 3) return false;
  if (message.status() < 0xF0 && message.size < 2) return false;
  for (std::size_t i = 1; i < 3; ++i) {
    if (message.bytes[i] > 0x7F || (i >= message.size && message.bytes[i] != 0)) return false;
  }
  return true;
}

using Messages = std::vector<ShortMessage>;

TEST_CASE("Each kind of message is as long as MIDI says", "[midi][message_decoder]") {
  CHECK(decode({0x93, 60, 100, 0xC2, 5, 0xD1, 7, 0xE0, 0, 64, 0xF2, 1, 2, 0xF3, 4, 0xF6}) ==
        Messages{note_on(3, 60, 100),
                 program_change(2, 5),
                 channel_message(0xD1, 7),
                 channel_message(0xE0, 0, 64),
                 {{0xF2, 1, 2}, 3},
                 {{0xF3, 4, 0}, 2},
                 {{0xF6, 0, 0}, 1}});
}

TEST_CASE("Running status goes on until a system message", "[midi][message_decoder]") {
  MessageDecoder decoder;
  CHECK(decode(decoder, {0x90, 60, 100, 62, 101, 64, 0}) ==
        Messages{note_on(0, 60, 100), note_on(0, 62, 101), note_on(0, 64, 0)});
  CHECK(decode(decoder, {0xF6, 60, 100}) == Messages{{{0xF6, 0, 0}, 1}});
  CHECK(decoder.broken() == 2);
}

TEST_CASE("Real-time messages may stand within others", "[midi][message_decoder]") {
  CHECK(decode({0x90, 0xF8, 60, 0xFA, 100, 0xFC, 62, 0xF8, 90}) ==
        Messages{real_time(kTimingClock), real_time(kClockStart), note_on(0, 60, 100),
                 real_time(kClockStop), real_time(kTimingClock), note_on(0, 62, 90)});
}

TEST_CASE("System exclusive messages are left out and counted, clocks within them kept",
          "[midi][message_decoder]") {
  MessageDecoder decoder;
  CHECK(decode(decoder, {0xF0, 1, 2, 0xF8, 3, 0xF7, 0x80, 60, 0}) ==
        Messages{real_time(kTimingClock), note_off(0, 60)});
  // A system exclusive message that never ends is ended by the next message.
  CHECK(decode(decoder, {0xF0, 1, 2, 0x90, 60, 100}) == Messages{note_on(0, 60, 100)});
  CHECK(decoder.system_exclusive() == 2);
  CHECK(decoder.broken() == 0);
}

TEST_CASE("A message that breaks off is left out and its bytes are counted",
          "[midi][message_decoder]") {
  MessageDecoder decoder;
  CHECK(decode(decoder, {0x90, 60, 0x80, 61, 0, 0xF7, 0xF4, 0xFD}) == Messages{note_off(0, 61)});
  CHECK(decoder.broken() == 5);
}

TEST_CASE("Whatever the bytes, what comes out are whole messages", "[midi][message_decoder]") {
  std::mt19937 random(7);
  MessageDecoder decoder;
  std::size_t messages = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    // Most bytes are data, as an even mix would hardly ever complete a message.
    const auto byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 128);
    const auto message = decoder.add(byte);
    if (!message) continue;
    ++messages;
    if (!is_whole(*message)) FAIL("a broken message");
  }
  CHECK(messages > 100'000);
}

}  // namespace
}  // namespace musicvae::midi
