#include "datasets/corpus/files.hpp"

#include <fstream>

#include "datasets/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

namespace musicvae::datasets {
namespace {

namespace fs = std::filesystem;

void touch(const fs::path& path) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path);
}

}  // namespace

TEST_CASE("Folders are searched at any depth for MIDI files that are not hidden",
          "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  for (const char* name : {"b.mid", "a/deep/er.MIDI", "c.txt", ".hidden.mid", ".cache/d.mid"}) {
    touch(folder / name);
  }
  const std::vector<fs::path> expected = {folder / "a/deep/er.MIDI", folder / "b.mid"};
  CHECK((find_midi_files({folder.path()}) == expected));
}

TEST_CASE("Files named .kar, .rmi and .smf are MIDI files too", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  for (const char* name : {"a.kar", "b.RMI", "c.smf"}) touch(folder / name);
  CHECK(find_midi_files({folder.path()}).size() == 3);
}

TEST_CASE("Linked folders are searched, and those that lead back only once", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  touch(folder / "elsewhere/a.mid");
  touch(folder / "music/b.mid");
  fs::create_directory_symlink(folder / "elsewhere", folder / "music/linked");
  for (const char* name : {"music/loop", "music/loop2", "elsewhere/back", "elsewhere/back2"})
    fs::create_directory_symlink(folder / "music", folder / name);
  const std::vector<fs::path> expected = {folder / "music/b.mid", folder / "music/linked/a.mid"};
  CHECK((find_midi_files({folder / "music"}) == expected));
}

TEST_CASE("What is passed over in a folder is counted by reason", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  for (const char* name : {"a.mid", "notes.txt", "cover.jpg", ".git/config"}) touch(folder / name);
  fs::create_symlink(folder / "nowhere", folder / "broken.mid");
  PassedOver passed_over;
  CHECK(find_midi_files({folder.path()}, &passed_over).size() == 1);
  const PassedOver expected = {{"not named .mid, .midi, .kar, .rmi or .smf", 2},
                               {"hidden, its name begins with a dot", 1},
                               {"no file, or a link to none", 1}};
  CHECK((passed_over == expected));
}

TEST_CASE("A file given by name is taken whatever it is called", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  touch(folder / "tune");
  CHECK(find_midi_files({folder / "tune"}).size() == 1);
}

TEST_CASE("One sequence of a file may be named", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  touch(folder / "a.mid");
  CHECK((find_midi_files({folder / "a.mid#2"}) == std::vector<fs::path>{folder / "a.mid#2"}));
  CHECK_THROWS_AS(find_midi_files({folder / "b.mid#2"}), DatasetError);
}

TEST_CASE("A file reached by several paths is listed once, in any order of paths",
          "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  touch(folder / "x/a.mid");
  touch(folder / "y/b.mid");
  fs::create_symlink(folder / "x/a.mid", folder / "y/link.mid");
  const auto one_way = find_midi_files({folder.path(), folder / "x", folder / "y/b.mid"});
  const auto other_way = find_midi_files({folder / "y/b.mid", folder / "x", folder.path()});
  CHECK(one_way.size() == 2);
  CHECK((one_way == other_way));
}

TEST_CASE("A path that does not exist is an error that names it", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(find_midi_files({folder / "nowhere"}), Catch::Contains("nowhere"));
}

TEST_CASE("A pattern fits a path or a file name", "[datasets][corpus]") {
  CHECK(matches("*/pfa-*", "data/bach_lute/pfa-1.mid"));
  CHECK(matches("pfa-?.mid", "data/bach_lute/pfa-1.mid"));
  CHECK(matches("*lute*", "data/bach_lute/pfa-1.mid"));
  CHECK_FALSE(matches("pfa", "data/bach_lute/pfa-1.mid"));
  CHECK_FALSE(matches("997-*", "data/bach_lute/pfa-1.mid"));
}

}  // namespace musicvae::datasets
