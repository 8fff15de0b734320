#include "datasets/codecs/notes.hpp"

#include <algorithm>
#include <tuple>

#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

const NotesCodec kCodec{Grid{4}};
const NotesVocabulary kWords{Grid{4}};

GridNote note(int onset, int duration, int pitch) {
  GridNote result;
  result.onset = Steps(onset);
  result.duration = Steps(duration);
  result.pitch = static_cast<std::uint8_t>(pitch);
  return result;
}

Passage one_bar(std::vector<GridNote> notes) {
  return {Grid{4}, {{{4, 4}, Steps(16), std::move(notes)}}};
}

/// Sorts each bar as passages are and leaves one note of each onset and pitch.
Passage canonical(Passage passage) {
  for (Bar& bar : passage.bars) {
    const auto key = [](const GridNote& n) { return std::pair(n.onset, n.pitch); };
    auto& notes = bar.notes;
    std::sort(notes.begin(), notes.end(),
              [&](const auto& a, const auto& b) { return key(a) < key(b); });
    const auto same = [&](const auto& a, const auto& b) { return key(a) == key(b); };
    notes.erase(std::unique(notes.begin(), notes.end(), same), notes.end());
  }
  return passage;
}

}  // namespace

TEST_CASE("A bar is its onsets with pitches and durations, lowest first, and an end",
          "[datasets][notes]") {
  const auto rows =
      kCodec.encode(one_bar({note(0, 4, 67), note(8, 2, 60), note(0, 8, 48)}), nullptr);
  const std::vector<int> expected{
      kWords.position_token(0), kWords.pitch_token(48),   kWords.duration_token(8),
      kWords.pitch_token(67),   kWords.duration_token(4), kWords.position_token(8),
      kWords.pitch_token(60),   kWords.duration_token(2), NotesVocabulary::kEnd};
  REQUIRE(rows.size() == 1);
  CHECK(std::vector<int>(rows[0].values.begin(), rows[0].values.end()) == expected);
  CHECK(rows[0].rows == 9);
}

TEST_CASE("An empty bar is an end", "[datasets][notes]") {
  CHECK(kCodec.encode(one_bar({}), nullptr)[0].values ==
        std::vector<std::uint16_t>{NotesVocabulary::kEnd});
}

TEST_CASE("The classes of the vocabulary do not overlap and fill it", "[datasets][notes]") {
  const NotesVocabulary words{Grid{GENERATE(1, 4, 12, 480)}};
  CHECK(words.size() == 1 + words.positions + 88 + words.durations);
  CHECK(words.size() <= 65536);
  for (int token = 1; token < words.size(); ++token) {
    REQUIRE(words.is_position(token) + words.is_pitch(token) + words.is_duration(token) == 1);
    if (words.is_position(token)) REQUIRE(words.position_token(words.position(token)) == token);
    if (words.is_pitch(token)) REQUIRE(words.pitch_token(words.pitch(token)) == token);
    if (words.is_duration(token)) REQUIRE(words.duration_token(words.duration(token)) == token);
  }
}

TEST_CASE("Polyphony comes back whole, ties over bar lines included",
          "[datasets][notes][property]") {
  Rng rng(51);
  for (int round = 0; round < 100; ++round) {
    const Passage passage = canonical(random_passage(rng, Grid{4}, 6, {21, 108, 30, 64}));
    Dropped dropped;
    REQUIRE(kCodec.decode(kCodec.encode(passage, &dropped)) == passage);
    REQUIRE(dropped.empty());
  }
}

TEST_CASE("The longest note of a unison stays and the others are named", "[datasets][notes]") {
  Dropped dropped;
  const auto rows =
      kCodec.encode(one_bar({note(0, 2, 60), note(0, 8, 60), note(0, 4, 60)}), &dropped);
  CHECK(kCodec.decode(rows) == one_bar({note(0, 8, 60)}));
  CHECK(dropped == Dropped{{"unison with another voice", 2}});
}

TEST_CASE("Notes beyond four bars of 4/4 are shortened by name", "[datasets][notes]") {
  Dropped dropped;
  const auto rows = kCodec.encode(one_bar({note(0, 65, 60)}), &dropped);
  CHECK(kCodec.decode(rows) == one_bar({note(0, 64, 60)}));
  CHECK(dropped == Dropped{{"shortened to the longest duration", 1}});
}

TEST_CASE("Bars of up to eight quarters fit", "[datasets][notes]") {
  CHECK(kCodec.can_encode(Steps(32)));
  CHECK_FALSE(kCodec.can_encode(Steps(33)));
  CHECK_THROWS_AS(kCodec.encode({Grid{4}, {{{9, 4}, Steps(36), {}}}}, nullptr), DatasetError);
  CHECK_THROWS_AS(kCodec.grammar(Steps(33)), DatasetError);
}

TEST_CASE("The grammar asks for ascending positions in the bar and ascending pitches",
          "[datasets][notes]") {
  const auto grammar = kCodec.grammar(Steps(6));
  const auto allows = [&](int token) {
    bool mask[1024] = {};
    grammar->allowed({mask, std::size_t(kWords.size())});
    return mask[token];
  };
  CHECK(allows(NotesVocabulary::kEnd));
  CHECK(allows(kWords.position_token(5)));
  CHECK_FALSE(allows(kWords.position_token(6)));
  CHECK_FALSE(allows(kWords.pitch_token(60)));
  grammar->push(kWords.position_token(2));
  CHECK_FALSE(allows(NotesVocabulary::kEnd));
  CHECK(allows(kWords.pitch_token(60)));
  grammar->push(kWords.pitch_token(60));
  CHECK_FALSE(allows(NotesVocabulary::kEnd));
  CHECK_FALSE(allows(kWords.pitch_token(61)));
  grammar->push(kWords.duration_token(64));
  CHECK(allows(NotesVocabulary::kEnd));
  CHECK_FALSE(allows(kWords.pitch_token(60)));
  CHECK(allows(kWords.pitch_token(61)));
  CHECK_FALSE(allows(kWords.position_token(2)));
  CHECK(allows(kWords.position_token(3)));
}

TEST_CASE("Tokens that the grammar does not allow are passed over", "[datasets][notes]") {
  const auto token = [](int value) { return static_cast<std::uint16_t>(value); };
  const std::vector<BarRows> rows{{{4, 4},
                                   Steps(16),
                                   8,
                                   {token(kWords.pitch_token(90)), token(kWords.position_token(4)),
                                    token(kWords.position_token(20)), token(kWords.pitch_token(60)),
                                    token(kWords.pitch_token(70)), token(kWords.duration_token(3)),
                                    NotesVocabulary::kEnd, token(kWords.position_token(5))}}};
  CHECK(kCodec.decode(rows) == one_bar({note(4, 3, 60)}));
}
