#include "src/music/constraints/constraints.hpp"

#include <map>
#include <random>

#include "src/base/error.hpp"
#include "src/music/passages.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using Catch::Contains;
using datasets::GridNote;
using datasets::Passage;
using datasets::Steps;

namespace {

/// Four bars of random notes, which may be held over bar lines.
Passage random_music(unsigned seed) {
  std::mt19937 random(seed);
  const auto draw = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  Passage music = make_layout(*datasets::make_codec("pianoroll", {4}), {4, 4}, 4);
  for (auto& bar : music.bars) {
    std::map<std::pair<int, int>, GridNote> notes;
    for (int i = draw(0, 12); i > 0; --i) {
      const int onset = draw(0, 15), pitch = draw(31, 94);
      notes[{onset, pitch}] = {Steps(onset), Steps(draw(1, 20)), std::uint8_t(pitch)};
    }
    for (const auto& [_, note] : notes) bar.notes.push_back(note);
  }
  return music;
}

/// The most notes that sound at once, and whether one pitch ever sounds twice.
std::pair<int, bool> sounding(const Passage& music) {
  std::map<int, std::map<int, int>> pitches;
  int start = 0;
  for (const auto& bar : music.bars) {
    for (const GridNote& note : bar.notes) {
      for (int step = 0; step < note.duration.count; ++step) {
        ++pitches[start + note.onset.count + step][note.pitch];
      }
    }
    start += bar.length.count;
  }
  int most = 0;
  bool twice = false;
  for (const auto& [_, now] : pitches) {
    most = std::max(most, static_cast<int>(now.size()));
    for (const auto& [pitch, count] : now) twice |= count > 1;
  }
  return {most, twice};
}

}  // namespace

TEST_CASE("Music that is kept to pitches has no other, bar by bar", "[src][constraints]") {
  const Constraints constraints{.pitches = parse_chords("Dm G7 C")};
  for (unsigned seed = 0; seed < 50; ++seed) {
    Passage music = random_music(seed);
    const auto before = note_count(music);
    keep_to(constraints, music);
    for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
      for (const GridNote& note : music.bars[bar].notes) {
        CHECK(constraints.pitches[bar % 3][note.pitch]);
      }
    }
    CHECK_FALSE(sounding(music).second);
    CHECK(note_count(music) >= before / 2);
  }
}

TEST_CASE("A note moves no further than to the nearest pitch", "[src][constraints]") {
  Passage music = random_music(1);
  music.bars.resize(1);
  music.bars[0].notes = {{Steps(0), Steps(2), 61}, {Steps(2), Steps(2), 60}};
  keep_to({.pitches = {parse_key("C")}}, music);
  CHECK(music.bars[0].notes[0].pitch == 60);
  CHECK(music.bars[0].notes[1].pitch == 60);
}

TEST_CASE("No more notes sound at once than may", "[src][constraints]") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    for (const int most : {1, 2, 3}) {
      Passage music = random_music(seed);
      keep_to({.most_sounding = most}, music);
      CHECK(sounding(music).first <= most);
    }
  }
}

TEST_CASE("Music that keeps to what is asked stays as it is", "[src][constraints]") {
  const Passage tune{{4},
                     {{{2, 4}, Steps(8), {{Steps(0), Steps(4), 60}, {Steps(4), Steps(8), 62}}},
                      {{2, 4}, Steps(8), {{Steps(4), Steps(4), 60}}}}};
  Passage music = tune;
  keep_to({.pitches = {parse_key("C")}, .most_sounding = 1}, music);
  CHECK((music == tune));
}

TEST_CASE("Constraints of pieces that follow each other begin anew with each",
          "[src][constraints]") {
  const Constraints constraints{.pitches = parse_chords("C D E")};
  const auto pieces = constraints.of_pieces(4);
  REQUIRE(pieces.pitches.size() == 4);
  CHECK(pieces.pitches_at(3) == parse_chord("C"));
  CHECK(pieces.pitches_at(4) == parse_chord("C"));
  CHECK(pieces.from(5).pitches_at(0) == parse_chord("D"));
  CHECK(Constraints{}.of_pieces(4).pitches.empty());
}

TEST_CASE("What a model cannot keep to is refused with the bar", "[src][constraints]") {
  const auto roll = datasets::make_codec("pianoroll", {4});
  const auto melody = datasets::make_codec("melody", {4});
  Constraints narrow{.pitches = parse_chords("C F#")};
  for (PitchSet& pitches : narrow.pitches) pitches &= parse_range("C4-C4");
  CHECK_THROWS_WITH(check(narrow, *roll), Contains("bar 2"));
  CHECK_THROWS_AS(check({.pitches = {parse_range("0-20")}}, *roll), Error);
  CHECK_THROWS_WITH(check({.notes_a_bar = 4}, *melody), Contains("pianoroll"));
  CHECK_NOTHROW(check({.most_sounding = 2}, *melody));
  CHECK_NOTHROW(
      check({.pitches = parse_chords("C F#"), .most_sounding = 2, .notes_a_bar = 4}, *roll));
}
