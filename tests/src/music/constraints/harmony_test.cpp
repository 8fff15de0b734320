#include "src/music/constraints/harmony.hpp"

#include <initializer_list>

#include "src/base/error.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using Catch::Contains;

namespace {

/// The pitch classes of `pitches`, each of which must be there in all octaves.
PitchSet classes(const PitchSet& pitches) {
  PitchSet found;
  for (std::size_t pitch = 0; pitch < pitches.size(); ++pitch) {
    CHECK(pitches[pitch] == pitches[pitch % 12]);
    if (pitches[pitch]) found.set(pitch % 12);
  }
  return found;
}

PitchSet these(std::initializer_list<int> pitches) {
  PitchSet set;
  for (const int pitch : pitches) set.set(static_cast<std::size_t>(pitch));
  return set;
}

}  // namespace

TEST_CASE("Pitches are read by name and by number", "[src][harmony]") {
  CHECK(parse_pitch("C4") == 60);
  CHECK(parse_pitch("c4") == 60);
  CHECK(parse_pitch("F#3") == 54);
  CHECK(parse_pitch("Bb5") == 82);
  CHECK(parse_pitch("Cb4") == 59);
  CHECK(parse_pitch("B#3") == 60);
  CHECK(parse_pitch("C-1") == 0);
  CHECK(parse_pitch("G9") == 127);
  CHECK(parse_pitch("40") == 40);
  for (const char* wrong : {"", "H4", "C", "C10", "A9", "128", "-1", "C4x", "Cb-1"}) {
    CHECK_THROWS_AS(parse_pitch(wrong), Error);
  }
}

TEST_CASE("A range holds all pitches from its lowest to its highest", "[src][harmony]") {
  CHECK(parse_range("E2-C6").count() == 84 - 40 + 1);
  CHECK(parse_range("40-84") == parse_range("E2-C6"));
  CHECK(parse_range("C-1-C-1") == these({0}));
  CHECK(parse_range("60-60") == these({60}));
  for (const char* wrong : {"", "C4", "C4-", "-C4", "C5-C4", "C4-H5", "60 to 70"}) {
    CHECK_THROWS_AS(parse_range(wrong), Error);
  }
}

TEST_CASE("Keys and scales have their pitches in all octaves", "[src][harmony]") {
  CHECK(classes(parse_key("C")) == these({0, 2, 4, 5, 7, 9, 11}));
  CHECK(parse_key("C-major") == parse_key("A-minor"));
  CHECK(parse_key("Bb") == parse_key("A#-major"));
  CHECK(parse_key("D minor") == parse_key("F"));
  CHECK(parse_key("F#m") == parse_key("A"));
  CHECK(parse_key("D-dorian") == parse_key("C"));
  CHECK(parse_scale("D-minor", "blues") == parse_key("D-blues"));
  CHECK(classes(parse_scale("A", "harmonic-minor")) == these({9, 11, 0, 2, 4, 5, 8}));
  for (const std::string& scale : scale_names()) CHECK(parse_scale("F#", scale)[6]);
  for (const char* wrong : {"", "H", "Dx", "D-minro", "minor", "D-"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_key(wrong), Error);
  }
  CHECK_THROWS_WITH(parse_key("D-minro"), Contains("minor"));
}

TEST_CASE("A key has its signature, a mode has none", "[src][harmony]") {
  const auto sharps = [](const char* key) { return int(key_signature(key).value().sharps); };
  CHECK(sharps("C") == 0);
  CHECK(sharps("D-major") == 2);
  CHECK(sharps("Bb") == -2);
  CHECK(sharps("F#") == 6);
  CHECK(sharps("B-minor") == 2);
  CHECK(sharps("Bbm") == -5);
  CHECK(sharps("C-minor") == -3);
  CHECK(sharps("Ab-minor") == -7);
  CHECK(key_signature("B-minor")->minor);
  CHECK_FALSE(key_signature("D-dorian"));
  CHECK_FALSE(key_signature("G#"));
}

TEST_CASE("Chord symbols name their notes", "[src][harmony]") {
  CHECK(classes(parse_chord("Dm")) == these({2, 5, 9}));
  CHECK(classes(parse_chord("G7")) == these({7, 11, 2, 5}));
  CHECK(classes(parse_chord("F#m7b5")) == these({6, 9, 0, 4}));
  CHECK(classes(parse_chord("Bbmaj7")) == these({10, 2, 5, 9}));
  CHECK(classes(parse_chord("C/Bb")) == these({0, 4, 7, 10}));
  CHECK(classes(parse_chord("Bb")) == these({10, 2, 5}));
  CHECK(parse_chord("N.C.").all());
  for (const char* wrong : {"", "X", "Cmoll", "C/", "C/x", "C/Gm", "7"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_chord(wrong), Error);
  }
}

TEST_CASE("Chords are parted by spaces, bar lines or new lines", "[src][harmony]") {
  const auto chords = parse_chords("Dm G7 | C\n\tA  ");
  REQUIRE(chords.size() == 4);
  CHECK(chords[1] == parse_chord("G7"));
  CHECK(chords[3] == parse_chord("A"));
  CHECK_THROWS_AS(parse_chords(" |\n"), Error);
  CHECK_THROWS_WITH(parse_chords("Dm Hm"), Contains("'Hm'"));
}
