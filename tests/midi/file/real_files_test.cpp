// Reads the music of ../shared/data, where it is there.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "tests/catch.hpp"

namespace fs = std::filesystem;
using namespace musicvae::midi;

namespace {

const fs::path kData = "../shared/data";
const fs::path kHardCases = kData / "hard_cases";

bool is_there(const fs::path& folder) {
  if (fs::is_directory(folder)) return true;
  std::cout << "skipped: no folder " << folder << '\n';
  return false;
}

std::vector<fs::path> midi_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".mid" || extension == ".MID" || extension == ".midi")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void check_consistent(const ReadResult& result) {
  CHECK(note_count(result.score) == result.note_ons);
  for (const Track& track : result.score.tracks) {
    for (const Note& note : track.notes) {
      if (note.duration < Ticks(0) || note.onset + note.duration > track.end)
        FAIL("a note at tick " << note.onset.count << " ends outside its track");
    }
  }
  CHECK(read_midi(write_midi(result.score)).score == result.score);
}

/// Note-ons above velocity 0 as midicsv counts them; nullopt where it refuses the file.
std::optional<std::size_t> midicsv_notes(const fs::path& file) {
  std::string quoted = "'";
  for (const char c : file.string()) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  const std::string command =
      "midicsv " + quoted + "' 2>/dev/null | awk -F', ' '$3 == \"Note_on_c\" && $6 > 0 { n++ }" +
      " $3 == \"End_of_file\" { whole = 1 } END { print whole ? n + 0 : \"refused\" }'";
  FILE* pipe = ::popen(command.c_str(), "r");
  unsigned long count = 0;
  const bool counted = pipe && std::fscanf(pipe, "%lu", &count) == 1;
  if (pipe) ::pclose(pipe);
  return counted ? std::optional<std::size_t>(count) : std::nullopt;
}

}  // namespace

TEST_CASE("Damaged files are read or refused, and what is read writes and reads alike",
          "[midi][real]") {
  if (!is_there(kHardCases)) return;
  for (const fs::path& file : midi_files(kHardCases)) {
    INFO(file.string());
    try {
      for (const ReadResult& piece : read_midi_sequences_file(file)) check_consistent(piece);
    } catch (const MidiError& error) {
      CHECK(std::string(error.what()).find("not a MIDI file") != std::string::npos);
    }
  }
}

TEST_CASE("Files that players read are read", "[midi][real]") {
  if (!is_there(kHardCases)) return;
  for (const char* folder :
       {"libremidi/Valid", "minimidi_tests", "symusic_tests", "tonejs_tests"}) {
    for (const fs::path& file : midi_files(kHardCases / folder)) {
      INFO(file.string());
      CHECK_NOTHROW(read_midi_sequences_file(file));
    }
  }
}

TEST_CASE("All music in the data folders reads and survives writing", "[midi][real]") {
  if (!is_there(kData)) return;
  for (const auto& folder : fs::directory_iterator(kData)) {
    if (!folder.is_directory() || folder.path() == kHardCases) continue;
    for (const fs::path& file : midi_files(folder)) {
      INFO(file.string());
      for (const ReadResult& piece : read_midi_sequences_file(file)) check_consistent(piece);
    }
  }
}

TEST_CASE("Note counts agree with midicsv on a sample of sound files", "[midi][real]") {
  if (!is_there(kData)) return;
  if (std::system("command -v midicsv >/dev/null") != 0) {
    std::cout << "skipped: midicsv is not installed\n";
    return;
  }
  constexpr std::size_t kStride = 50;
  const std::vector<fs::path> files = midi_files(kData);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < files.size(); i += kStride) {
    const auto expected = midicsv_notes(files[i]);
    if (!expected) continue;
    INFO(files[i].string());
    std::size_t note_ons = 0;
    for (const ReadResult& piece : read_midi_sequences_file(files[i])) note_ons += piece.note_ons;
    CHECK(note_ons == *expected);
    ++compared;
  }
  CHECK(compared > 0);
}
