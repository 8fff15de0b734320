#include "midi/file_io.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/catch.hpp"

namespace fs = std::filesystem;
using musicvae::midi::MidiError;
using musicvae::midi::read_file;
using musicvae::midi::write_file_atomically;

namespace {

/// A folder of its own that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(fs::temp_directory_path() / ("musicvae-file-io-" + std::to_string(::getpid()))) {
    fs::create_directory(path_);
  }
  ~TemporaryFolder() { fs::remove_all(path_); }

  fs::path operator/(const char* name) const { return path_ / name; }
  std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

std::vector<std::byte> some_bytes(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 7);
  return bytes;
}

}  // namespace

TEST_CASE("A written file reads back byte for byte and leaves no other file", "[midi][file]") {
  const TemporaryFolder folder;
  for (const std::size_t size : {0u, 1u, 65536u, 300'001u}) {
    const std::vector<std::byte> bytes = some_bytes(size);
    write_file_atomically(folder / "a.mid", bytes);
    CHECK(read_file(folder / "a.mid", size) == bytes);
    CHECK(folder.files() == 1);
  }
}

TEST_CASE("Writing replaces a file whole", "[midi][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.mid", some_bytes(1000));
  write_file_atomically(folder / "a.mid", some_bytes(3));
  CHECK(read_file(folder / "a.mid", 1000) == some_bytes(3));
}

TEST_CASE("A write that fails leaves the old file and nothing else", "[midi][file]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "taken" / "inside");
  CHECK_THROWS_AS(write_file_atomically(folder / "taken", some_bytes(3)), MidiError);
  CHECK_THROWS_AS(write_file_atomically(folder / "absent" / "a.mid", some_bytes(3)), MidiError);
  CHECK(folder.files() == 1);
}

TEST_CASE("Writing through a link changes the file it names", "[midi][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.mid", some_bytes(1));
  fs::create_symlink(folder / "a.mid", folder / "link.mid");
  write_file_atomically(folder / "link.mid", some_bytes(5));
  CHECK(fs::is_symlink(folder / "link.mid"));
  CHECK(read_file(folder / "a.mid", 5) == some_bytes(5));
}

TEST_CASE("Writing to a device writes into it rather than replacing it", "[midi][file]") {
  write_file_atomically("/dev/null", some_bytes(5));
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("A new file has the permissions that the user asks for", "[midi][file]") {
  const TemporaryFolder folder;
  const mode_t old = ::umask(027);
  write_file_atomically(folder / "a.mid", some_bytes(1));
  ::umask(old);
  CHECK(fs::status(folder / "a.mid").permissions() == fs::perms(0640));
}

TEST_CASE("Reading refuses more bytes than allowed, even from an endless device", "[midi][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.mid", some_bytes(101));
  CHECK_THROWS_AS(read_file(folder / "a.mid", 100), MidiError);
  CHECK_THROWS_AS(read_file("/dev/zero", 100'000), MidiError);
}

TEST_CASE("Errors of reading name the file and the reason", "[midi][file]") {
  try {
    read_file("/absent/a.mid", 10);
    FAIL("no error");
  } catch (const MidiError& error) {
    const std::string what = error.what();
    CHECK(what.find("'/absent/a.mid'") != std::string::npos);
    CHECK(what.find("No such file") != std::string::npos);
  }
  CHECK_THROWS_AS(read_file(fs::temp_directory_path(), 10), MidiError);
}
