#include "src/studio/map/map_file.hpp"

#include <fstream>

#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae::studio;
using musicvae::test::read_text;
using musicvae::test::TemporaryFolder;

namespace {

MapContent content() {
  return {{{1, 2}, {}, {3, 4}}, {{0.25F, 0.5F}, {1, 0}}, {{0, 1}, {0.5F, 1}}};
}

}  // namespace

TEST_CASE("A map that was kept is there the next time", "[studio]") {
  const TemporaryFolder folder;
  write_map(folder / "maps", 7, content());
  const auto read = read_map(folder / "maps", 7, 3);
  REQUIRE(read);
  CHECK(read->vectors == content().vectors);
  CHECK(read->near.size() == 2);
  CHECK(read->near[1].x == 1);
  CHECK(read->principal[1].x == 0.5F);
}

TEST_CASE("A map of another collection or with damage is none", "[studio]") {
  const TemporaryFolder folder;
  write_map(folder.path(), 7, content());
  CHECK_FALSE(read_map(folder.path(), 8, 3));
  CHECK_FALSE(read_map(folder.path(), 7, 4));
  CHECK_FALSE(read_map("", 7, 3));
  const auto file = folder / "7.map";
  const std::string whole = read_text(file);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::ofstream(file, std::ios::binary) << whole.substr(0, size);
    CHECK_FALSE(read_map(folder.path(), 7, 3));
  }
  for (std::size_t i = 0; i < 33; ++i) {
    std::string damaged = whole;
    damaged[i] = char(0xff);
    std::ofstream(file, std::ios::binary) << damaged;
    CHECK_FALSE(read_map(folder.path(), 7, 3));
  }
  std::ofstream(file, std::ios::binary) << whole << "more";
  CHECK_FALSE(read_map(folder.path(), 7, 3));
}

TEST_CASE("The newest maps alone are kept", "[studio]") {
  const TemporaryFolder folder;
  for (std::uint64_t key = 0; key < 20; ++key) write_map(folder.path(), key, content());
  CHECK(musicvae::test::entries(folder.path()) == 12);
  CHECK(read_map(folder.path(), 19, 3));
}
