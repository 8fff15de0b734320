#include "datasets/metrics/key_finding.hpp"

#include <utility>
#include <vector>

#include "midi/file/reader.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;

namespace {

/// Notes one after the other: pitch and steps.
Passage melody(const std::vector<std::pair<int, int>>& notes) {
  Passage passage{Grid{4}, {}};
  for (const auto& [pitch, steps] : notes) {
    passage.bars.push_back({{4, 4}, Steps(16), {{Steps(0), Steps(steps), std::uint8_t(pitch)}}});
  }
  return passage;
}

const Passage kCMajor = melody({{60, 4}, {62, 2}, {64, 4}, {65, 2}, {67, 4}, {71, 2}, {72, 8}});
const Passage kAMinor = melody({{57, 4}, {59, 2}, {60, 4}, {62, 2}, {64, 4}, {68, 2}, {69, 8}});

}  // namespace

TEST_CASE("A key is that of the scale whose chord sounds longest", "[datasets][key]") {
  CHECK(find_key(kCMajor) == Key{0, false});
  CHECK(find_key(kAMinor) == Key{9, true});
}

TEST_CASE("Pieces in the box are in the keys that their titles state", "[datasets][key]") {
  const auto key_of = [](const char* file) {
    const auto read = midi::read_midi_file(std::string("datasets/bundled/") + file);
    return find_key(quantize(read.score, Grid{4}).music);
  };
  CHECK(key_of("bwv996-bourree.mid") == Key{4, true});
  CHECK(key_of("petzold-minuet-anh114.mid") == Key{7, false});
  CHECK(key_of("pachelbel-canon.mid") == Key{2, false});
  CHECK(key_of("bwv846-prelude.mid") == Key{0, false});
}

TEST_CASE("Long notes make the key, however often short ones come", "[datasets][key]") {
  Passage music = kCMajor;
  for (int i = 0; i < 6; ++i) music.bars.push_back({{4, 4}, Steps(16), {{Steps(0), Steps(1), 66}}});
  for (Bar& bar : music.bars) {
    if (bar.notes[0].pitch != 66) bar.notes[0].duration.count *= 8;
  }
  CHECK(find_key(music) == Key{0, false});
}

TEST_CASE("The key of a transposed piece moves along", "[datasets][key][property]") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Passage music = made::passage(seed, 8);
    const int semitones = int(seed % 12);
    const auto key = find_key(music), moved = find_key(made::transposed(music, semitones));
    REQUIRE(key);
    REQUIRE(moved);
    CHECK(moved->tonic == (key->tonic + semitones) % 12);
    CHECK(moved->minor == key->minor);
  }
}

TEST_CASE("Silence, and all pitch classes alike, are in no key", "[datasets][key]") {
  CHECK_FALSE(find_key({Grid{4}, {}}));
  Passage chromatic{Grid{4}, {{{4, 4}, Steps(16), {}}}};
  for (int pitch = 60; pitch < 72; ++pitch) {
    chromatic.bars[0].notes.push_back({Steps(0), Steps(1), std::uint8_t(pitch)});
  }
  CHECK_FALSE(find_key(chromatic));
}
