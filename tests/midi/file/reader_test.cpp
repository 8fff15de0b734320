#include "midi/file/reader.hpp"

#include <cstdlib>
#include <memory>
#include <string>

#include "tests/catch.hpp"
#include "tests/midi/smf_bytes.hpp"

using namespace musicvae::midi;
using namespace musicvae::midi::testing;

TEST_CASE("Strict reading turns a warning into an error at its byte", "[midi][reader]") {
  const std::string broken = file_of({bytes({0, 0xFF, 0x51, 1, 7})});
  CHECK(read(broken).warnings.size() == 1);
  try {
    read(broken, true);
    FAIL("no error");
  } catch (const MidiError& error) {
    CHECK(std::string(error.what()).find("(byte 23)") != std::string::npos);
  }
  CHECK_NOTHROW(read(file_of({bytes({0, 0x90, 60, 64, 9, 60, 0})}), true));
}

TEST_CASE("Warnings are capped and the last says how many more", "[midi][reader]") {
  std::string events;
  for (std::size_t i = 0; i < kMaxWarnings; ++i) events += bytes({0, 0xF8});
  CHECK(read(file_of({events})).warnings.back().message.find("no place in a file") !=
        std::string::npos);
  for (std::size_t i = 0; i < 20; ++i) events += bytes({0, 0xF8});
  const auto result = read(file_of({events}));
  REQUIRE(result.warnings.size() == kMaxWarnings);
  CHECK(result.warnings.back().message == "21 more warnings");
}

TEST_CASE("Changes are sorted over tracks, and the last of one time wins", "[midi][reader]") {
  const auto result =
      read(file_of({bytes({9, 0xFF, 0x51, 3, 0, 0, 1, 0, 0xFF, 0x51, 3, 0, 0, 2}),
                    bytes({4, 0xFF, 0x51, 3, 0, 0, 3}), bytes({9, 0xFF, 0x51, 3, 0, 0, 4})}));
  CHECK(result.score.tempos == std::vector<Tempo>{{Ticks(4), 3}, {Ticks(9), 4}});
  const auto others =
      read(file_of({bytes({9, 0xFF, 0x58, 4, 3, 2, 24, 8, 0, 0xFF, 0x59, 2, 1, 0}),
                    bytes({4, 0xFF, 0x58, 4, 4, 2, 24, 8, 0, 0xFF, 0x59, 2, 2, 0})}));
  CHECK(others.score.meters == std::vector<MeterChange>{{Ticks(4), {4, 4}}, {Ticks(9), {3, 4}}});
  CHECK(others.score.keys == std::vector<KeyChange>{{Ticks(4), 2}, {Ticks(9), 1}});
}

TEST_CASE("The first track lasts as long as the changes it will carry", "[midi][reader]") {
  for (const std::string& change :
       {bytes({99, 0xFF, 0x51, 3, 0, 0, 1}), bytes({99, 0xFF, 0x58, 4, 4, 2, 24, 8}),
        bytes({99, 0xFF, 0x59, 2, 0, 0})}) {
    CHECK(read(file_of({"", change})).score.tracks[0].end == Ticks(99));
  }
}

TEST_CASE("More than 256 MiB are refused unread", "[midi][reader]") {
  constexpr std::size_t kTooMany = (std::size_t{1} << 28) + 1;
  const std::unique_ptr<void, void (*)(void*)> zeros(std::calloc(kTooMany, 1), std::free);
  CHECK_THROWS_WITH(read_midi({static_cast<const std::byte*>(zeros.get()), kTooMany}),
                    Catch::Contains("expected at most 256 MiB"));
}

TEST_CASE("A file without tracks is an empty score", "[midi][reader]") {
  CHECK(read(header(1, 0)).score.tracks.empty());
  CHECK(read(header(0, 0)).score.format == 1);
}

TEST_CASE("Errors of reading a file name it", "[midi][reader]") {
  try {
    read_midi_file("/dev/null");
    FAIL("no error");
  } catch (const MidiError& error) {
    CHECK(std::string(error.what()).find("'/dev/null': not a MIDI file") == 0);
  }
}
