#include "models/files/atomic_file.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "tests/catch.hpp"
#include "tests/disk.hpp"
#include "tests/temporary_folder.hpp"

namespace fs = std::filesystem;
using musicvae::models::AtomicFile;
using musicvae::models::ModelError;
using musicvae::test::DiskCalls;
using musicvae::test::entries;
using musicvae::test::FullDisk;
using musicvae::test::read_text;
using musicvae::test::TemporaryFolder;

namespace {

void write(const fs::path& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace

TEST_CASE("A file appears under its name only by commit", "[models][atomic]") {
  const TemporaryFolder folder;
  {
    AtomicFile file(folder / "a");
    file.write("text", 4);
    const fs::path under_way = fs::directory_iterator(folder.path())->path().filename();
    CHECK(under_way.string().front() == '.');
    CHECK(under_way.string().find(std::to_string(::getpid())) != std::string::npos);
  }
  CHECK(entries(folder.path()) == 0);
  write(folder / "a", "text");
  CHECK(read_text(folder / "a") == "text");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("A disk that fills up leaves the old file alone and nothing else", "[models][atomic]") {
  const TemporaryFolder folder;
  write(folder / "a", "old");
  std::optional<FullDisk> disk(1000);
  CHECK_THROWS_AS(write(folder / "a", std::string(5000, 'x')), ModelError);
  disk.reset();
  CHECK(read_text(folder / "a") == "old");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("A file is synced, named, and its folder synced, in this order", "[models][atomic]") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  for (const fs::path& path : {folder / "a", fs::path("a")}) {
    INFO(path.string());
    const DiskCalls calls;
    write(path, "text");
    CHECK(calls.names == std::vector<std::string>{"sync file", "rename", "sync folder"});
  }
  fs::current_path(before);
}

TEST_CASE("A file that does not reach the disk is not committed", "[models][atomic]") {
  const TemporaryFolder folder;
  for (const char* call : {"sync file", "close", "rename"}) {
    INFO(call);
    const DiskCalls calls(call);
    CHECK_THROWS_WITH(write(folder / "a", "text"), Catch::Contains("No space left"));
    CHECK(entries(folder.path()) == 0);
  }
}

TEST_CASE("Writes that get only so far or are interrupted are gone on with", "[models][atomic]") {
  const TemporaryFolder folder;
  DiskCalls calls;
  calls.most_written = 3;
  calls.interruptions = 2;
  write(folder / "a", "0123456789");
  CHECK(read_text(folder / "a") == "0123456789");
}

TEST_CASE("What a killed process left under the temporary name does not stay in the file",
          "[models][atomic]") {
  const TemporaryFolder folder;
  std::ofstream(folder / (".a." + std::to_string(::getpid()) + ".tmp")) << "left behind";
  write(folder / "a", "text");
  CHECK(read_text(folder / "a") == "text");
}

TEST_CASE("A saved file has the permissions that the user asks for", "[models][atomic]") {
  const TemporaryFolder folder;
  const mode_t old = ::umask(027);
  write(folder / "a", "text");
  ::umask(old);
  CHECK(fs::status(folder / "a").permissions() == fs::perms(0640));
}

TEST_CASE("No file stays open, whether committed or not", "[models][atomic]") {
  const TemporaryFolder folder;
  const auto before = entries("/proc/self/fd");
  write(folder / "a", "text");
  { const AtomicFile abandoned(folder / "a"); }
  CHECK(entries("/proc/self/fd") == before);
}

TEST_CASE("A file that cannot be made is refused at once, with the reason", "[models][atomic]") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(AtomicFile(folder / "absent" / "a"),
                    Catch::Contains("absent/a: No such file or directory"));
}
