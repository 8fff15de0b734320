#include "midi/file/smf.hpp"

#include "tests/catch.hpp"

using namespace musicvae::midi;

TEST_CASE("Every division that decodes encodes to the same bits", "[midi][smf]") {
  int decodable = 0;
  for (unsigned bits = 0; bits <= 0xFFFF; ++bits) {
    const auto division = decode_division(static_cast<std::uint16_t>(bits));
    if (!division) continue;
    ++decodable;
    if (encode_division(*division) != bits) FAIL("0x" << std::hex << bits);
  }
  CHECK(decodable == 32767 + 4 * 255);
}

TEST_CASE("Variable-length quantities follow the standard's examples", "[midi][smf]") {
  const auto encoded = [](std::uint32_t value) {
    std::string bytes;
    append_variable_length(bytes, value);
    return bytes;
  };
  CHECK(encoded(0x00) == std::string(1, '\0'));
  CHECK(encoded(0x7F) == "\x7F");
  CHECK(encoded(0x80) == std::string("\x81\x00", 2));
  CHECK(encoded(0x3FFF) == "\xFF\x7F");
  CHECK(encoded(0x4000) == std::string("\x81\x80\x00", 3));
  CHECK(encoded(0x1FFFFF) == "\xFF\xFF\x7F");
  CHECK(encoded(0x0FFFFFFF) == "\xFF\xFF\xFF\x7F");
}

TEST_CASE("Changes that a file cannot hold are not encoded", "[midi][smf]") {
  CHECK_FALSE(encode_change(Tempo{Ticks(0), 0}));
  CHECK_FALSE(encode_change(Tempo{Ticks(0), 0x100'0000}));
  CHECK_FALSE(encode_change(MeterChange{Ticks(0), {4, 3}}));
  CHECK_FALSE(encode_change(MeterChange{Ticks(0), {4, 0}}));
  CHECK_FALSE(encode_change(MeterChange{Ticks(0), {0, 4}}));
  CHECK_FALSE(encode_change(MeterChange{Ticks(0), {4, 256}}));
  CHECK_FALSE(encode_change(KeyChange{Ticks(0), 8}));
  CHECK_FALSE(encode_division(Division{0, 0, 0}));
  CHECK_FALSE(encode_division(Division{32768, 0, 0}));
  CHECK_FALSE(encode_division(Division{0, 26, 40}));
}
