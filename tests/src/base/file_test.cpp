#include "src/base/file.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/disk.hpp"
#include "tests/temporary_folder.hpp"

namespace fs = std::filesystem;
using musicvae::AtomicFile;
using musicvae::check_writable;
using musicvae::Error;
using musicvae::read_file;
using musicvae::write_file_atomically;
using musicvae::test::DiskCalls;
using musicvae::test::entries;
using musicvae::test::FullDisk;
using musicvae::test::TemporaryFolder;

namespace {

std::vector<std::byte> some_bytes(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 7);
  return bytes;
}

/// While it lives, a standard stream is the file at `path`.
class Redirection {
 public:
  Redirection(int stream, const fs::path& path) : stream_(stream), old_(::dup(stream)) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
    ::dup2(file, stream_);
    ::close(file);
  }
  ~Redirection() {
    ::dup2(old_, stream_);
    ::close(old_);
  }

 private:
  int stream_;
  int old_;
};

/// Interrupts this thread's system calls twice, some time apart, then runs `rest` in another.
template <class Rest>
std::thread interrupt_then(Rest rest) {
  struct sigaction action {};
  action.sa_handler = [](int) {};  // Without SA_RESTART, so that calls return EINTR.
  ::sigaction(SIGUSR1, &action, nullptr);
  return std::thread([rest, interrupted = ::pthread_self()] {
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      ::pthread_kill(interrupted, SIGUSR1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    rest();
  });
}

}  // namespace

TEST_CASE("A written file reads back byte for byte and leaves no other file", "[base][file]") {
  const TemporaryFolder folder;
  for (const std::size_t size : {0u, 1u, 65536u, 300'001u}) {
    const std::vector<std::byte> bytes = some_bytes(size);
    write_file_atomically(folder / "a", bytes);
    CHECK(read_file(folder / "a", size) == bytes);
    CHECK(entries(folder.path()) == 1);
  }
}

TEST_CASE("A file that is written in parts appears under its name only by commit", "[base][file]") {
  const TemporaryFolder folder;
  {
    AtomicFile abandoned(folder / "a");
    abandoned.write(some_bytes(4));
    const fs::path under_way = fs::directory_iterator(folder.path())->path().filename();
    CHECK(under_way.string().front() == '.');
  }
  CHECK(entries(folder.path()) == 0);
  const std::vector<std::byte> bytes = some_bytes(9);
  AtomicFile file(folder / "a");
  file.write(std::span(bytes).first(5));
  file.write(std::span(bytes).subspan(5));
  file.commit();
  CHECK(read_file(folder / "a", 9) == bytes);
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("Writing replaces a file whole", "[base][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", some_bytes(1000));
  write_file_atomically(folder / "a", some_bytes(3));
  CHECK(read_file(folder / "a", 1000) == some_bytes(3));
}

TEST_CASE("A write that fails leaves the old file and nothing else", "[base][file]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "taken" / "inside");
  CHECK_THROWS_WITH(write_file_atomically(folder / "taken", some_bytes(3)),
                    Catch::Contains("taken': Is a directory"));
  CHECK_THROWS_WITH(AtomicFile(folder / "absent" / "a"),
                    Catch::Contains("absent/a': No such file or directory"));
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("A disk that fills up leaves the old file and nothing else", "[base][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", some_bytes(10));
  std::optional<FullDisk> disk(1000);
  CHECK_THROWS_AS(write_file_atomically(folder / "a", some_bytes(5000)), Error);
  disk.reset();
  CHECK(read_file(folder / "a", 10) == some_bytes(10));
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("A file is on the disk before it gets its name, and the name before we return",
          "[base][file]") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  for (const fs::path& path : {folder / "a", fs::path("a")}) {
    INFO(path.string());
    const DiskCalls calls;
    write_file_atomically(path, some_bytes(3));
    CHECK(calls.names == std::vector<std::string>{"sync file", "rename", "sync folder"});
  }
  fs::current_path(before);
}

TEST_CASE("A file that does not reach the disk does not get its name", "[base][file]") {
  const TemporaryFolder folder;
  for (const char* call : {"sync file", "close", "rename"}) {
    INFO(call);
    const DiskCalls calls(call);
    CHECK_THROWS_WITH(write_file_atomically(folder / "a", some_bytes(3)),
                      Catch::Contains("No space left"));
    CHECK(entries(folder.path()) == 0);
  }
}

TEST_CASE("Writes that get only so far or are interrupted are gone on with", "[base][file]") {
  const TemporaryFolder folder;
  {
    DiskCalls calls;
    calls.most_written = 3;
    calls.interruptions = 2;
    write_file_atomically(folder / "a", some_bytes(10));
  }
  CHECK(read_file(folder / "a", 10) == some_bytes(10));
}

TEST_CASE("What a killed process left behind is removed by the next that writes the file",
          "[base][file]") {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(folder / "a");
    file.write(some_bytes(10));
    std::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  CHECK(entries(folder.path()) == 1);
  write_file_atomically(folder / "a", some_bytes(3));
  CHECK(read_file(folder / "a", 3) == some_bytes(3));
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("Several may write one file at a time, and the last to end wins", "[base][file]") {
  const TemporaryFolder folder;
  AtomicFile first(folder / "a"), second(folder / "a");
  second.write(some_bytes(2));
  second.commit();
  AtomicFile third(folder / "a");
  first.write(some_bytes(1));
  first.commit();
  CHECK(read_file(folder / "a", 5) == some_bytes(1));
  third.write(some_bytes(3));
  third.commit();
  CHECK(read_file(folder / "a", 5) == some_bytes(3));
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("A link planted under the name of a temporary file is not followed", "[base][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "victim", some_bytes(4));
  {
    AtomicFile file(folder / "a");
    std::vector<fs::path> before(fs::directory_iterator(folder.path()), {});
    const auto temporary = std::find_if(before.begin(), before.end(), [](const fs::path& path) {
      return path.filename() != "victim";
    });
    REQUIRE(temporary != before.end());
    fs::remove(*temporary);
    fs::create_symlink(folder / "victim", *temporary);
    write_file_atomically(folder / "a", some_bytes(9));
  }
  CHECK(read_file(folder / "victim", 4) == some_bytes(4));
  CHECK(read_file(folder / "a", 9) == some_bytes(9));
}

TEST_CASE("Reading and writing leave no file open", "[base][file]") {
  const TemporaryFolder folder;
  const auto before = entries("/proc/self/fd");
  write_file_atomically(folder / "a", some_bytes(3));
  CHECK_THROWS_AS(write_file_atomically(folder / "absent" / "a", some_bytes(3)), Error);
  { const AtomicFile abandoned(folder / "b"); }
  read_file(folder / "a", 3);
  CHECK(entries("/proc/self/fd") == before);
}

TEST_CASE("A dash is standard input and standard output", "[base][file]") {
  const TemporaryFolder folder;
  {
    const Redirection output(STDOUT_FILENO, folder / "a");
    write_file_atomically("-", some_bytes(7));
  }
  {
    const FullDisk disk(1000);
    const Redirection output(STDOUT_FILENO, folder / "b");
    CHECK_THROWS_AS(write_file_atomically("-", some_bytes(5000)), Error);
  }
  const Redirection input(STDIN_FILENO, folder / "a");
  CHECK(read_file("-", 7) == some_bytes(7));
  CHECK(::fcntl(STDIN_FILENO, F_GETFD) >= 0);
  CHECK(::fcntl(STDOUT_FILENO, F_GETFD) >= 0);
}

TEST_CASE("A pipe is written into rather than replaced, and signals disturb neither end",
          "[base][file]") {
  const TemporaryFolder folder;
  const fs::path pipe = folder / "pipe";
  ::mkfifo(pipe.c_str(), 0600);
  const std::vector<std::byte> sent = some_bytes(300'000);  // More than a pipe holds.
  std::vector<std::byte> received;
  const int other_end = ::open(pipe.c_str(), O_RDWR | O_NONBLOCK);
  std::thread reader = interrupt_then([&] {
    std::byte block[4096];
    for (int patience = 5000; patience > 0 && received.size() < sent.size(); --patience) {
      const ssize_t got = ::read(other_end, block, sizeof block);
      received.insert(received.end(), block, block + std::max<ssize_t>(got, 0));
      if (got < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  CHECK_NOTHROW(write_file_atomically(pipe, sent));
  reader.join();
  CHECK(received == sent);
  CHECK(fs::is_fifo(pipe));

  ssize_t written = 0;
  std::thread writer = interrupt_then([&] {
    written = ::write(other_end, sent.data(), 1000);
    ::close(other_end);
  });
  CHECK_NOTHROW(received = read_file(pipe, 1000));
  writer.join();
  CHECK(written == 1000);
  CHECK(received == some_bytes(1000));
}

TEST_CASE("Writing through a link changes the file it names", "[base][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", some_bytes(1));
  fs::create_symlink(folder / "a", folder / "link");
  write_file_atomically(folder / "link", some_bytes(5));
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(read_file(folder / "a", 5) == some_bytes(5));
}

TEST_CASE("A new file has the permissions that the user asks for", "[base][file]") {
  const TemporaryFolder folder;
  const mode_t old = ::umask(027);
  write_file_atomically(folder / "a", some_bytes(1));
  ::umask(old);
  CHECK(fs::status(folder / "a").permissions() == fs::perms(0640));
}

TEST_CASE("A file that is replaced keeps its permissions", "[base][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", some_bytes(1));
  fs::permissions(folder / "a", fs::perms(0600));
  write_file_atomically(folder / "a", some_bytes(2));
  CHECK(fs::status(folder / "a").permissions() == fs::perms(0600));
}

TEST_CASE("Whether a file could be written can be asked, and leaves everything as it is",
          "[base][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", some_bytes(2));
  CHECK_NOTHROW(check_writable(folder / "a"));
  CHECK_NOTHROW(check_writable(folder / "new"));
  CHECK_NOTHROW(check_writable("/dev/null"));
  CHECK_NOTHROW(check_writable("-"));
  CHECK_THROWS_WITH(check_writable(folder / "nowhere/a"), Catch::Contains("nowhere"));
  CHECK_THROWS_WITH(check_writable(folder.path()), Catch::Contains(folder.path().string()));
  CHECK(read_file(folder / "a", 2) == some_bytes(2));
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("What cannot be made again is kept elsewhere where its place has gone", "[base][file]") {
  const TemporaryFolder folder;
  try {
    musicvae::write_or_keep(folder / "nowhere/take.mid", some_bytes(5));
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    const std::string message = error.what();
    CHECK_THAT(message, Catch::Contains("nowhere/take.mid") && Catch::Contains("it is kept in '"));
    const auto start = message.rfind("in '") + 4;
    const fs::path kept = message.substr(start, message.rfind('\'') - start);
    CHECK(read_file(kept, 5) == some_bytes(5));
    fs::remove_all(kept.parent_path());
  }
}

TEST_CASE("What can be kept nowhere leaves nothing behind", "[base][file]") {
  const TemporaryFolder folder, temporary;
  ::setenv("TMPDIR", temporary.path().c_str(), 1);
  {
    const FullDisk disk(4);
    CHECK_THROWS_AS(musicvae::write_or_keep(folder / "a", some_bytes(5)), Error);
  }
  ::unsetenv("TMPDIR");
  CHECK(entries(folder.path()) == 0);
  CHECK(entries(temporary.path()) == 0);
}

TEST_CASE("Reading refuses more bytes than allowed, even from an endless device", "[base][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", some_bytes(101));
  CHECK_THROWS_AS(read_file(folder / "a", 100), Error);
  CHECK_THROWS_AS(read_file("/dev/zero", 100'000), Error);
  fs::resize_file(folder / "a", std::uintmax_t{1} << 43);  // A hole, more than memory holds.
  CHECK_THROWS_AS(read_file(folder / "a", 100), Error);
}

TEST_CASE("Errors of reading name the file and the reason", "[base][file]") {
  CHECK_THROWS_WITH(read_file("/absent/a", 10), Catch::Contains("'/absent/a': No such file"));
  CHECK_THROWS_AS(read_file(fs::temp_directory_path(), 10), Error);
}
