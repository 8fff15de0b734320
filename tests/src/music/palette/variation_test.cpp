#include "src/music/palette/variation.hpp"

#include <algorithm>

#include "datasets/metrics/note_metrics.hpp"
#include "datasets/metrics/pitch_classes.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;
using datasets::GridNote;
using datasets::Passage;
using datasets::Steps;

namespace {

const MusicVae& box() {
  static const MusicVae model;
  return model;
}

Passage bundled(const char* name) {
  return load_source(std::string("datasets/bundled/") + name, box().codec()).piece.music;
}

VariationOptions as(double similarity, std::uint64_t seed = 1) {
  VariationOptions options;
  options.similarity = similarity;
  options.generation = box().sampling_options();
  options.generation.seed = seed;
  return options;
}

double f1(const Passage& a, const Passage& b) {
  return datasets::onset_pitch_score(datasets::count_matches(a, b)).f1;
}

}  // namespace

TEST_CASE("The less a variation is like its piece, the fewer of the notes stay, evenly all the way",
          "[src][variation][bundled]") {
  for (const char* name : {"petzold-minuet-anh114.mid", "irish-washerwoman.mid"}) {
    INFO(name);
    const Passage piece = bundled(name);
    const double self = vary(box(), piece, as(1)).note_f1;
    const double stranger = vary(box(), piece, as(0)).note_f1;
    CHECK(self > 0.95);
    CHECK(stranger < 0.3);
    for (const double similarity : {0.8, 0.6, 0.4, 0.2}) {
      const auto variation = vary(box(), piece, as(similarity));
      CHECK(variation.note_f1 == Approx(stranger + similarity * (self - stranger)).margin(0.05));
      CHECK(variation.note_f1 == f1(piece, variation.music));
    }
  }
}

TEST_CASE("A similarity of 1 is the piece's reconstruction", "[src][variation]") {
  const MusicVae model(test::small_model());
  auto piece = make_layout(model.codec(), {3, 4}, 3);
  for (auto& bar : piece.bars) bar.notes = {{Steps(0), Steps(4), 60}, {Steps(0), Steps(4), 64}};
  VariationOptions options;
  options.similarity = 1;
  CHECK((vary(model, piece, options).music ==
         model.decode(model.encode(piece), piece, options.generation)));
}

TEST_CASE("Same seed, same variation; another seed, another", "[src][variation][bundled]") {
  const Passage piece = bundled("greensleeves.mid");
  const auto first = vary(box(), piece, as(0.6, 1)).music;
  CHECK((vary(box(), piece, as(0.6, 1)).music == first));
  CHECK_FALSE((vary(box(), piece, as(0.6, 2)).music == first));
}

TEST_CASE("What comes again in a piece comes again in its variation", "[src][variation][bundled]") {
  Passage piece = bundled("petzold-minuet-anh114.mid");
  piece = datasets::slice(piece, 0, 8);
  const auto again = piece.bars;
  piece.bars.insert(piece.bars.end(), again.begin(), again.end());
  const auto varied = vary(box(), piece, as(0.3)).music;
  for (std::size_t bar = 0; bar + 1 < 8; ++bar) {  // Bar 8 is followed by other music.
    INFO(bar);
    CHECK((varied.bars[bar].notes == varied.bars[bar + 8].notes));
  }
}

TEST_CASE("A tune of one voice stays one, and others keep their voices",
          "[src][variation][bundled]") {
  for (const double similarity : {0.7, 0.4}) {
    CHECK_FALSE(is_polyphonic(vary(box(), bundled("irish-washerwoman.mid"), as(similarity)).music));
    CHECK(is_polyphonic(vary(box(), bundled("petzold-minuet-anh114.mid"), as(similarity)).music));
  }
}

TEST_CASE("Only the bars that are named vary", "[src][variation][bundled]") {
  const Passage piece = bundled("petzold-minuet-anh114.mid");
  auto options = as(0.2);
  options.bars = {4, 5, 6, 7};
  const auto varied = vary(box(), piece, options).music;
  REQUIRE(varied.bars.size() == piece.bars.size());
  int changed = 0;
  for (std::size_t bar = 0; bar < piece.bars.size(); ++bar) {
    const bool named = bar >= 4 && bar < 8;
    if (named) changed += varied.bars[bar].notes != piece.bars[bar].notes;
    if (!named) CHECK((varied.bars[bar] == piece.bars[bar]));
  }
  CHECK(changed >= 3);
  options.bars = {99};
  CHECK_THROWS_AS(vary(box(), piece, options), Error);
}

TEST_CASE("The whole way to a stranger keeps to the pitches that are asked for",
          "[src][variation][bundled]") {
  const Passage piece = bundled("petzold-minuet-anh114.mid");
  for (const double similarity : {1.0, 0.6, 0.0}) {
    INFO(similarity);
    auto options = as(similarity);
    options.generation.constraints.pitches = {parse_key("D-minor") & parse_range("C3-C6")};
    const auto varied = vary(box(), piece, options).music;
    CHECK(note_count(varied) > 50);
    for (const auto& bar : varied.bars) {
      for (const auto& note : bar.notes) {
        CHECK(options.generation.constraints.pitches.front()[note.pitch]);
      }
    }
  }
  auto none = as(0.5);
  none.generation.constraints.pitches = {parse_range("0-3")};
  CHECK_THROWS_WITH(vary(box(), piece, none), Catch::Contains("no pitch"));
}

TEST_CASE("Music is moved to the key and the register of other music", "[src][variation]") {
  const Passage piece = bundled("ode-to-joy.mid");
  for (const int semitones : {5, -17, 30}) {
    Passage away = piece;
    for (auto& bar : away.bars) {
      for (auto& note : bar.notes) note.pitch = std::uint8_t(note.pitch + semitones);
    }
    CHECK((moved_to_key_of(piece, away, {21, 108}) == piece));
  }
  const auto squeezed = moved_to_key_of(piece, piece, {60, 71});
  for (const auto& bar : squeezed.bars) {
    for (const auto& note : bar.notes) CHECK((note.pitch >= 60 && note.pitch <= 71));
  }
  CHECK(datasets::pitch_class_distance(squeezed, piece, datasets::NoteWeight::kOnset) ==
        Approx(0).margin(1e-9));
}

TEST_CASE("One voice goes by the smallest steps, and its notes end where the next begin",
          "[src][variation]") {
  const auto note = [](int onset, int duration, int pitch) {
    return GridNote{Steps(onset), Steps(duration), std::uint8_t(pitch)};
  };
  const Passage music{
      {4},
      {{{2, 4}, Steps(8), {note(0, 8, 60), note(0, 4, 72), note(4, 8, 55), note(4, 4, 74)}},
       {{2, 4}, Steps(8), {note(0, 2, 50), note(0, 2, 70)}}}};
  const Passage line{
      {4},
      {{{2, 4}, Steps(8), {note(0, 4, 72), note(4, 4, 74)}}, {{2, 4}, Steps(8), {note(0, 2, 70)}}}};
  CHECK((to_one_voice(music) == line));
}
