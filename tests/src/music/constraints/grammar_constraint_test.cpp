#include "src/music/constraints/grammar_constraint.hpp"

#include <array>
#include <vector>

#include "src/music/passages.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using datasets::BarRows;
using datasets::Passage;
using datasets::Steps;

namespace {

constexpr int kLowest = 31, kHalf = 64;

/// A bar of 2/4 with a chord, a note, and the chord's first note again.
std::vector<std::vector<BarRows>> one_bar(const datasets::Codec& codec) {
  const Passage music{{4},
                      {{{2, 4},
                        Steps(8),
                        {{Steps(0), Steps(2), 60},
                         {Steps(0), Steps(2), 64},
                         {Steps(3), Steps(1), 67},
                         {Steps(4), Steps(2), 60}}}}};
  return {codec.encode(music)};
}

std::vector<int> may_begin(const models::BitRule& rule) {
  std::vector<int> pitches;
  for (int bit = 0; bit < kHalf; ++bit) {
    if (rule.may.at(static_cast<std::size_t>(bit))) pitches.push_back(kLowest + bit);
  }
  return pitches;
}

std::vector<float> row_of(const std::vector<int>& pitches) {
  std::vector<float> bits(2 * kHalf);
  for (const int pitch : pitches) bits[static_cast<std::size_t>(pitch - kLowest)] = 1;
  return bits;
}

}  // namespace

TEST_CASE("Without constraints bits are free", "[src][constraints]") {
  const auto codec = datasets::make_codec("pianoroll", {4});
  const auto rows = one_bar(*codec);
  const GrammarConstraint constraint(*codec, rows, 1);
  const auto rule = constraint.rule(0, 0);
  CHECK(rule.may.empty());
  CHECK(rule.fewest == 0);
  CHECK(rule.most == models::BitRule::kNoLimit);
  CHECK(rule.eagerness == 0);
}

TEST_CASE("Notes that are due make a bar eager for more, and each that begins makes it less so",
          "[src][constraints]") {
  const auto codec = datasets::make_codec("pianoroll", {4});
  const auto rows = one_bar(*codec);
  GrammarConstraint constraint(*codec, rows, 1, {{.notes_begun = {{1, 1, 2}}}});
  const auto due = constraint.rule(0, 0);
  CHECK(due.eagerness > 0);
  CHECK(due.satiety == due.eagerness);  // The one note that is due contents it.
  constraint.push_bits(0, 0, row_of({60}));
  CHECK(constraint.rule(0, 0).eagerness == 0);
  constraint.push_bits(0, 0, row_of({60, 64}));
  CHECK(constraint.rule(0, 0).eagerness == -due.eagerness);
}

TEST_CASE("Music between pieces leans to the pitch classes that they have", "[src][constraints]") {
  const auto codec = datasets::make_codec("pianoroll", {4});
  const auto rows = one_bar(*codec);
  const auto shares = pitch_class_shares(codec->decode(rows.front()));
  CHECK(shares[0] == 0.5);  // C twice, E and G.
  CHECK(shares[4] == 0.25);
  const std::array pieces{shares, shares};
  CHECK(leaning_between(pieces, std::array{1.0, 0.0}) == PitchClasses{});
  const auto leaning = leaning_between(pieces, std::array{0.75, 0.25});
  const GrammarConstraint constraint(*codec, rows, 1, {{.leanings = {leaning}}});
  const auto bits = constraint.rule(0, 0).leaning;
  REQUIRE(bits.size() == std::size_t(2 * kHalf));
  for (int bit = 0; bit < 2 * kHalf; ++bit) {
    const int pitch_class = (kLowest + bit % kHalf) % 12;
    const bool sounds = pitch_class == 0 || pitch_class == 4 || pitch_class == 7;
    CHECK((bits[std::size_t(bit)] < -5) == !sounds);
    if (sounds) CHECK(bits[std::size_t(bit)] == 0);
  }
}

TEST_CASE("Notes that are due are those of the bars that come later", "[src][constraints]") {
  const Constraints constraints{.notes_begun = {{1}, {2}, {}}};
  CHECK(constraints.from(1).notes_begun == std::vector<std::vector<double>>{{2}, {}});
  CHECK(constraints.from(9).notes_begun.empty());
}

TEST_CASE("Each song has the pitches of its own", "[src][constraints]") {
  const auto codec = datasets::make_codec("pianoroll", {4});
  const std::vector<std::vector<BarRows>> rows(2, one_bar(*codec).front());
  const GrammarConstraint constraint(
      *codec, rows, 1, {{.pitches = {parse_range("60-61")}}, {.pitches = {parse_range("70-70")}}});
  CHECK(may_begin(constraint.rule(0, 0)) == std::vector{60, 61});
  CHECK(may_begin(constraint.rule(1, 0)) == std::vector{70});
}

TEST_CASE("A density makes a bar eager while it is behind", "[src][constraints]") {
  const auto codec = datasets::make_codec("pianoroll", {4});
  const auto rows = one_bar(*codec);
  GrammarConstraint constraint(*codec, rows, 1, {{.notes_a_bar = 4}});
  const double first = constraint.rule(0, 0).eagerness;
  constraint.push_bits(0, 0, row_of({}));
  CHECK(constraint.rule(0, 0).eagerness > first);
  constraint.push_bits(0, 0, row_of({60, 64, 67}));
  CHECK(constraint.rule(0, 0).eagerness < 0);
}

TEST_CASE("A kept rhythm begins as many notes in each row", "[src][constraints]") {
  const auto codec = datasets::make_codec("pianoroll", {4});
  const auto rows = one_bar(*codec);
  RhythmConstraint constraint(*codec, rows, 1, {});
  for (const std::int64_t begun : {2, 0, 0, 1, 1, 0, 0, 0}) {
    CHECK(constraint.rule(0, 0).fewest == begun);
    CHECK(constraint.rule(0, 0).most == begun);
    CHECK_FALSE(constraint.finished(0, 0));
    constraint.push_bits(0, 0, row_of({}));
  }
  CHECK(constraint.finished(0, 0));
}

TEST_CASE("Kept pitches come in their order, chords together, and all of them",
          "[src][constraints]") {
  const auto codec = datasets::make_codec("pianoroll", {4});
  const auto rows = one_bar(*codec);
  PitchConstraint constraint(*codec, rows, 1);
  CHECK(may_begin(constraint.rule(0, 0)) == std::vector{60, 64});
  CHECK(constraint.rule(0, 0).together);
  for (int row = 0; row < 5; ++row) {
    CHECK(constraint.rule(0, 0).fewest == 0);
    constraint.push_bits(0, 0, row_of({}));
  }
  for (const std::vector<int>& pitches : {std::vector{60, 64}, {67}, {60}}) {
    CHECK(constraint.rule(0, 0).fewest == 1);  // As many rows are left as there is to strike.
    CHECK(may_begin(constraint.rule(0, 0)) == pitches);
    constraint.push_bits(0, 0, row_of(pitches));
  }
  CHECK(constraint.finished(0, 0));
}

TEST_CASE("When all kept pitches were struck, nothing more begins", "[src][constraints]") {
  const auto codec = datasets::make_codec("pianoroll", {4});
  const auto rows = one_bar(*codec);
  PitchConstraint constraint(*codec, rows, 1);
  for (const std::vector<int>& pitches : {std::vector{60, 64}, {67}, {60}}) {
    constraint.push_bits(0, 0, row_of(pitches));
  }
  CHECK(constraint.rule(0, 0).most == 0);
}
