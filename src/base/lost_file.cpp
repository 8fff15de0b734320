#include "src/base/lost_file.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "src/base/error.hpp"

namespace musicvae {
namespace {

using Line = std::array<char, 4608>;  // A path of 4096 bytes, and what stands before it.

/// The next line, without its end. The functions here are called in a signal handler, so they
/// allocate nothing.
bool read_line(int file, Line& line) {
  std::size_t size = 0;
  char letter = 0;
  while (::read(file, &letter, 1) == 1 && letter != '\n') {
    if (size + 1 < line.size()) line[size++] = letter;
  }
  line[size] = '\0';
  return letter == '\n';
}

/// The path in a line of /proc/self/maps whose range holds `address`, else null.
const char* path_if_mapped(const Line& line, std::uintptr_t address) {
  char* end = nullptr;
  const std::uintptr_t first = std::strtoull(line.data(), &end, 16);
  const std::uintptr_t past = *end == '-' ? std::strtoull(end + 1, &end, 16) : 0;
  return address >= first && address < past ? std::strchr(end, '/') : nullptr;
}

void say(const char* text) {
  [[maybe_unused]] const auto done = ::write(STDERR_FILENO, text, std::strlen(text));
}

extern "C" void explain_lost_file(int, siginfo_t* info, void*) {
  static std::atomic_flag said = ATOMIC_FLAG_INIT;
  while (said.test_and_set()) ::pause();  // Another thread says it, and then ends the program.
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  Line line;
  const char* path = nullptr;
  while (path == nullptr && maps >= 0 && read_line(maps, line)) {
    path = path_if_mapped(line, address);
  }
  say("musicvae: ");
  say(path == nullptr ? "a file" : path);
  say(" was cut short while it was being read; restore it and start again\n");
  ::_exit(kExitFailed);
}

}  // namespace

void explain_lost_files() {
  struct sigaction action {};
  action.sa_sigaction = explain_lost_file;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK);
  sigaction(SIGBUS, &action, nullptr);
}

}  // namespace musicvae
