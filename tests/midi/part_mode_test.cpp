#include "midi/part_mode.hpp"

#include <random>

#include "tests/catch.hpp"

using namespace musicvae::midi;

TEST_CASE("A part mode is read as it was written, with the checksum that GS wants",
          "[midi][part_mode]") {
  for (std::uint8_t channel = 0; channel < 16; ++channel) {
    for (const bool drums : {false, true}) {
      const std::string data = encode_part_mode({channel, drums});
      CHECK(decode_part_mode(data) == PartMode{channel, drums});
      int sum = 0;
      for (std::size_t i = 4; i < 9; ++i) sum += data[i];
      CHECK(sum % 128 == 0);
    }
  }
}

TEST_CASE("A message changed for another part mode sets that, and else what it did",
          "[midi][part_mode]") {
  const std::string gs = encode_part_mode({3, true});
  CHECK(with_part_mode(gs, {9, false}) == encode_part_mode({9, false}));
  const std::string second_map("\x41\x10\x42\x12\x40\x14\x15\x02\x15\xF7", 10);
  CHECK(with_part_mode(second_map, {3, true}) == second_map);
  const std::string xg("\x43\x10\x4C\x08\x03\x07\x02\xF7", 8);
  CHECK(with_part_mode(xg, {5, true}) == std::string("\x43\x10\x4C\x08\x05\x07\x02\xF7", 8));
  CHECK(with_part_mode(xg, {5, false}) == std::string("\x43\x10\x4C\x08\x05\x07\x00\xF7", 8));
}

TEST_CASE("Whatever its bytes, a message is read within its bounds", "[midi][part_mode]") {
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    std::string data = encode_part_mode({3, true});
    data.resize(random() % (data.size() + 1));
    for (char& byte : data) {
      if (random() % 8 == 0) byte = static_cast<char>(random());
    }
    const auto mode = decode_part_mode(data);
    if (mode) CHECK(mode->channel < 16);
    decode_reset(data);
  }
}
