#include "midi/file/sequence_path.hpp"

#include <fstream>

#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae::midi;

TEST_CASE("A number behind a # names a sequence of a file", "[midi][sequence_path]") {
  const musicvae::test::TemporaryFolder folder;
  std::ofstream(folder / "a.mid") << "x";
  const auto second = parse_sequence_path(folder / "a.mid#2");
  CHECK(second.file == folder / "a.mid");
  CHECK(second.number == 2u);
  CHECK(parse_sequence_path("-#3").number == 3u);
  CHECK(sequence_path("a.mid", 2) == "a.mid#2");
}

TEST_CASE("A file that really has a # in its name is that file", "[midi][sequence_path]") {
  const musicvae::test::TemporaryFolder folder;
  for (const char* name : {"a.mid", "a.mid#2", "b#1.mid"}) std::ofstream(folder / name) << "x";
  for (const char* name : {"a.mid", "a.mid#2", "b#1.mid"}) {
    CHECK(parse_sequence_path(folder / name).file == folder / name);
    CHECK_FALSE(parse_sequence_path(folder / name).number);
  }
  CHECK(parse_sequence_path(folder / "a.mid#2#1").file == folder / "a.mid#2");
}

TEST_CASE("What names no sequence is a path like any other", "[midi][sequence_path]") {
  const musicvae::test::TemporaryFolder folder;
  std::ofstream(folder / "a.mid") << "x";
  for (const char* name : {"a.mid#", "a.mid#0", "a.mid#-1", "a.mid#1x", "a.mid# 1", "none.mid#1",
                           "a.mid#99999999999999999999"}) {
    INFO(name);
    CHECK(parse_sequence_path(folder / name).file == folder / name);
    CHECK_FALSE(parse_sequence_path(folder / name).number);
  }
}
