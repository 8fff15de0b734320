#include "midi/file/file_io.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/disk.hpp"
#include "tests/temporary_folder.hpp"

namespace fs = std::filesystem;
using musicvae::midi::MidiError;
using musicvae::midi::read_file;
using musicvae::midi::write_file_atomically;
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

TEST_CASE("A written file reads back byte for byte and leaves no other file", "[midi][file]") {
  const TemporaryFolder folder;
  for (const std::size_t size : {0u, 1u, 65536u, 300'001u}) {
    const std::vector<std::byte> bytes = some_bytes(size);
    write_file_atomically(folder / "a.mid", bytes);
    CHECK(read_file(folder / "a.mid", size) == bytes);
    CHECK(entries(folder.path()) == 1);
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
  CHECK_THROWS_WITH(write_file_atomically(folder / "taken", some_bytes(3)),
                    Catch::Contains("taken': Is a directory"));
  CHECK_THROWS_AS(write_file_atomically(folder / "absent" / "a.mid", some_bytes(3)), MidiError);
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("A disk that fills up leaves the old file and nothing else", "[midi][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.mid", some_bytes(10));
  std::optional<FullDisk> disk(1000);
  CHECK_THROWS_AS(write_file_atomically(folder / "a.mid", some_bytes(5000)), MidiError);
  disk.reset();
  CHECK(read_file(folder / "a.mid", 10) == some_bytes(10));
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("A file is on the disk before it gets its name, and the name before we return",
          "[midi][file]") {
  const TemporaryFolder folder;
  const DiskCalls calls;
  write_file_atomically(folder / "a.mid", some_bytes(3));
  CHECK(calls.names == std::vector<std::string>{"sync file", "rename", "sync folder"});
}

TEST_CASE("A file that does not reach the disk does not get its name", "[midi][file]") {
  const TemporaryFolder folder;
  for (const char* call : {"sync file", "close", "rename"}) {
    INFO(call);
    const DiskCalls calls(call);
    CHECK_THROWS_AS(write_file_atomically(folder / "a.mid", some_bytes(3)), MidiError);
    CHECK(entries(folder.path()) == 0);
  }
}

TEST_CASE("What a killed process left behind is neither used nor in the way", "[midi][file]") {
  const TemporaryFolder folder;
  constexpr int kLeftBehind = 1000;
  const std::string prefix = ".a.mid." + std::to_string(::getpid()) + '-';
  for (int i = 0; i < kLeftBehind; ++i)
    std::ofstream(folder / (prefix + std::to_string(i) + ".tmp"));
  write_file_atomically(folder / "a.mid", some_bytes(3));
  CHECK(read_file(folder / "a.mid", 3) == some_bytes(3));
  CHECK(entries(folder.path()) == kLeftBehind + 1);
}

TEST_CASE("Reading and writing leave no file open", "[midi][file]") {
  const TemporaryFolder folder;
  const auto before = entries("/proc/self/fd");
  write_file_atomically(folder / "a.mid", some_bytes(3));
  CHECK_THROWS_AS(write_file_atomically(folder / "absent" / "a.mid", some_bytes(3)), MidiError);
  read_file(folder / "a.mid", 3);
  CHECK(entries("/proc/self/fd") == before);
}

TEST_CASE("A dash is standard input and standard output", "[midi][file]") {
  const TemporaryFolder folder;
  {
    const Redirection output(STDOUT_FILENO, folder / "a.mid");
    write_file_atomically("-", some_bytes(7));
  }
  {
    const FullDisk disk(1000);
    const Redirection output(STDOUT_FILENO, folder / "b.mid");
    CHECK_THROWS_AS(write_file_atomically("-", some_bytes(5000)), MidiError);
  }
  const Redirection input(STDIN_FILENO, folder / "a.mid");
  CHECK(read_file("-", 7) == some_bytes(7));
  CHECK(::fcntl(STDIN_FILENO, F_GETFD) >= 0);
  CHECK(::fcntl(STDOUT_FILENO, F_GETFD) >= 0);
}

TEST_CASE("A pipe is written into rather than replaced, and signals disturb neither end",
          "[midi][file]") {
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

TEST_CASE("Writing through a link changes the file it names", "[midi][file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.mid", some_bytes(1));
  fs::create_symlink(folder / "a.mid", folder / "link.mid");
  write_file_atomically(folder / "link.mid", some_bytes(5));
  CHECK(fs::is_symlink(folder / "link.mid"));
  CHECK(read_file(folder / "a.mid", 5) == some_bytes(5));
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
  fs::resize_file(folder / "a.mid", std::uintmax_t{1} << 43);  // A hole, more than memory holds.
  CHECK_THROWS_AS(read_file(folder / "a.mid", 100), MidiError);
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
