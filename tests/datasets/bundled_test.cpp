#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "datasets/codecs/codec.hpp"
#include "datasets/grid/grid.hpp"
#include "midi/file/reader.hpp"
#include "tests/catch.hpp"

namespace musicvae::datasets {
namespace {

constexpr Grid kSixteenths{4};

std::vector<std::filesystem::path> bundled_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("datasets/bundled")) {
    if (entry.path().extension() == ".mid") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

midi::Score read_score(const std::filesystem::path& path) {
  return midi::read_midi_file(path, {.strict = true}).score;
}

std::vector<Piece> bundled_pieces() {
  std::vector<Piece> pieces;
  for (const auto& path : bundled_files()) {
    pieces.push_back(quantize(read_score(path), kSixteenths));
    pieces.back().name = path.stem().string();
  }
  return pieces;
}

/// Bars less a pickup.
int full_bars(const Piece& piece) {
  const Bar& first = piece.music.bars.front();
  const bool pickup = first.length < bar_length(kSixteenths, first.meter).value();
  return static_cast<int>(piece.music.bars.size()) - (pickup ? 1 : 0);
}

std::size_t note_count(const Passage& music) {
  std::size_t count = 0;
  for (const Bar& bar : music.bars) count += bar.notes.size();
  return count;
}

/// Notes that begin together with another of their pitch, in another voice.
std::size_t doubled_notes(const Passage& music) {
  std::size_t distinct = 0;
  for (const Bar& bar : music.bars) {
    std::set<std::pair<Steps, int>> heard;
    for (const GridNote& note : bar.notes) heard.emplace(note.onset, note.pitch);
    distinct += heard.size();
  }
  return note_count(music) - distinct;
}

}  // namespace

TEST_CASE("Every piece in the box reads without a warning", "[datasets][bundled]") {
  REQUIRE(bundled_files().size() >= 8);
  for (const auto& path : bundled_files()) {
    INFO(path.string());
    CHECK_NOTHROW(read_score(path));
  }
}

TEST_CASE("Every note in the box starts and ends on a sixteenth", "[datasets][bundled]") {
  for (const auto& path : bundled_files()) {
    INFO(path.string());
    const midi::Score score = read_score(path);
    const int step = score.division.ticks_per_quarter / kSixteenths.steps_per_quarter;
    for (const midi::Track& track : score.tracks) {
      for (const midi::Note& note : track.notes) {
        CHECK(note.onset.count % step == 0);
        CHECK(note.duration.count % step == 0);
      }
    }
  }
}

TEST_CASE("Quantising a piece in the box moves and merges no note", "[datasets][bundled]") {
  for (const Piece& piece : bundled_pieces()) {
    INFO(piece.name);
    CHECK(piece.report.on_grid == piece.report.notes);
    CHECK(piece.report.mean_error == 0);
    CHECK(piece.report.merged_notes == 0);
    CHECK(piece.report.off_grid_bars == 0);
  }
}

TEST_CASE("The box holds pieces of 8 to 32 bars in many meters", "[datasets][bundled]") {
  std::set<midi::Meter> meters;
  for (const Piece& piece : bundled_pieces()) {
    INFO(piece.name);
    CHECK(full_bars(piece) >= 8);
    CHECK(full_bars(piece) <= 32);
    meters.insert(piece.music.bars.at(1).meter);
  }
  CHECK(meters.size() >= 5);
}

TEST_CASE("The notes codec keeps every note in the box but the doubles of unisons",
          "[datasets][bundled]") {
  const std::unique_ptr<const Codec> codec = make_codec("notes", kSixteenths);
  for (const Piece& piece : bundled_pieces()) {
    INFO(piece.name);
    Dropped dropped;
    const std::vector<BarRows> rows = codec->encode(piece.music, &dropped);
    CHECK(dropped_notes(dropped) == doubled_notes(piece.music));
    CHECK(note_count(codec->decode(rows)) == note_count(piece.music) - doubled_notes(piece.music));
  }
}

}  // namespace musicvae::datasets
