#include "datasets/codecs/notes_by_step.hpp"

#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;

namespace {

const Grid kSixteenths{4};

/// One bar of 4/4.
Passage bar_of(std::vector<GridNote> notes) {
  return {kSixteenths, {{{4, 4}, Steps(16), std::move(notes)}}};
}

GridNote note(int onset, int duration, int pitch) {
  return {Steps(onset), Steps(duration), static_cast<std::uint8_t>(pitch)};
}

}  // namespace

TEST_CASE("A step is its notes from low to high and its end", "[datasets][codecs][zoo]") {
  const NotesByStepCodec codec(kSixteenths);
  const auto rows =
      codec.encode(bar_of({note(0, 4, 64), note(0, 2, 60), note(15, 32, 21)}), nullptr);
  REQUIRE(rows.size() == 1);
  const auto& values = rows[0].values;
  REQUIRE(rows[0].rows == 16 + 2 * 3);
  CHECK(values[0] == 60 - 21 + 1);
  CHECK(values[1] == NotesByStepCodec::kFirstDuration + 1);
  CHECK(values[2] == 64 - 21 + 1);
  CHECK(values[3] == NotesByStepCodec::kFirstDuration + 3);
  for (std::size_t i = 4; i < 19; ++i) CHECK(values[i] == NotesByStepCodec::kEndOfStep);
  CHECK(values[19] == 1);
  CHECK(values[20] == NotesByStepCodec::kTokens - 1);
  CHECK(values[21] == NotesByStepCodec::kEndOfStep);
}

TEST_CASE("What steps of sixteen notes of 32 steps can say comes back", "[datasets][codecs][zoo]") {
  const NotesByStepCodec codec(kSixteenths);
  std::vector<GridNote> notes;
  for (int step = 0; step < 16; ++step) {
    for (int i = 0; i < 16; ++i) notes.push_back(note(step, 1 + (step * 5 + i) % 32, 40 + 2 * i));
  }
  const auto passage = bar_of(notes);
  Dropped dropped;
  CHECK(codec.decode(codec.encode(passage, &dropped)) == passage);
  CHECK(dropped.empty());
}

TEST_CASE("The lowest of more than sixteen notes are left out, and longer notes shortened",
          "[datasets][codecs][zoo]") {
  const NotesByStepCodec codec(kSixteenths);
  std::vector<GridNote> notes;
  for (int i = 0; i < 18; ++i) notes.push_back(note(3, 40, 40 + i));
  Dropped dropped;
  const auto back = codec.decode(codec.encode(bar_of(notes), &dropped)).bars[0].notes;
  REQUIRE(back.size() == 16);
  CHECK(back[0] == note(3, 32, 42));
  CHECK(dropped["beyond 16 notes of a step"] == 2);
  CHECK(dropped["shortened to the longest duration"] == 16);
}
