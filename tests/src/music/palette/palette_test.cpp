#include "src/music/palette/palette.hpp"

#include "datasets/metrics/note_metrics.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;
using datasets::Passage;

namespace {

/// Four pieces in the box, two of them in 3/4.
struct Box {
  MusicVae model;
  std::vector<Source> sources;
  std::array<Passage, kCorners> music;

  Box() {
    std::size_t corner = 0;
    for (const char* name : {"petzold-minuet-anh114", "folia", "ode-to-joy", "bwv996-bourree"}) {
      sources.push_back(
          load_source(std::string("datasets/bundled/") + name + ".mid", model.codec()));
      auto& music_of_corner = sources.back().piece.music;
      music_of_corner = repeat_or_cut(music_of_corner, 8);
      music[corner++] = music_of_corner;
    }
  }
  std::span<const Source, kCorners> all() const {
    return std::span<const Source, kCorners>(sources);
  }
};

const Box& box() {
  static const Box made;
  return made;
}

double f1(const Passage& a, const Passage& b) {
  return datasets::onset_pitch_score(datasets::count_matches(a, b)).f1;
}

bool same_layout(const Passage& a, const Passage& b) { return layout_of(a) == layout_of(b); }

}  // namespace

TEST_CASE("The weights of corners sum to 1, and each corner has its own", "[src][palette]") {
  const std::array<PalettePoint, kCorners> corners = {{{0, 0}, {1, 0}, {0, 1}, {1, 1}}};
  for (std::size_t i = 0; i < kCorners; ++i) {
    CHECK(corner_weights(corners[i])[i] == 1);
    CHECK(nearest_corner(corners[i]) == i);
  }
  const auto weights = corner_weights({0.3, 0.8});
  CHECK(weights[0] + weights[1] + weights[2] + weights[3] == Approx(1));
  CHECK(nearest_corner({0.3, 0.8}) == 2);
}

TEST_CASE("Places lie on a line at equal distances", "[src][palette]") {
  const std::vector<PalettePoint> line = {{0, 0}, {1, 0}, {1, 0}, {1, 1}};
  const auto places = along(line, 5);
  REQUIRE(places.size() == 5);
  const std::vector<PalettePoint> wanted = {{0, 0}, {0.5, 0}, {1, 0}, {1, 0.5}, {1, 1}};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(places[i].x == Approx(wanted[i].x));
    CHECK(places[i].y == Approx(wanted[i].y));
  }
  CHECK(along(line, 1).front() == PalettePoint{0, 0});
  const std::vector<PalettePoint> still = {{0.5, 0.5}, {0.5, 0.5}};
  CHECK(along(still, 3).back() == PalettePoint{0.5, 0.5});
}

TEST_CASE("Corners of a palette are the pieces, and steps from one to the next are even",
          "[src][palette][bundled]") {
  const Palette palette(box().model, box().music);
  const std::array<PalettePoint, kCorners> corners = {{{0, 0}, {1, 0}, {0, 1}, {1, 1}}};
  for (std::size_t i = 0; i < kCorners; ++i) {
    const auto made = palette.at(corners[i], {0});
    CHECK(f1(box().music[i], made.music) > 0.9);
    CHECK(same_layout(box().music[i], made.music));
  }
  double before = 1;
  for (const double x : {0.25, 0.5, 0.75, 1.0}) {
    const double here = f1(box().music[0], palette.at({x, 0}, {0}).music);
    INFO(x);
    CHECK(before - here > 0.03);
    CHECK(before - here < 0.6);
    before = here;
  }
}

TEST_CASE("A line on a palette is one piece that begins as one corner and ends as another",
          "[src][palette][bundled]") {
  const Palette palette(box().model, box().music);
  const std::vector<PalettePoint> line = {{0, 0}, {0.5, 0.5}, {1, 1}};
  const auto made = palette.along_path(line, {0});
  REQUIRE(made.music.bars.size() == 8);
  REQUIRE(made.places.size() == 8);
  const auto first = datasets::slice(made.music, 0, 1), last = datasets::slice(made.music, 7, 1);
  CHECK(f1(datasets::slice(box().music[0], 0, 1), first) > 0.9);
  CHECK(f1(datasets::slice(box().music[3], 7, 1), last) > 0.9);
  CHECK(made.music.bars[0].meter == box().music[0].bars[0].meter);
  CHECK(made.music.bars[7].meter == box().music[3].bars[7].meter);
}

TEST_CASE("Where passages have one latent, a line goes passage by passage", "[src][palette]") {
  const MusicVae model(test::small_model());
  std::array<Passage, kCorners> music;
  for (std::size_t i = 0; i < kCorners; ++i) {
    music[i] = make_layout(model.codec(), {3, 4}, static_cast<int>(3 + i));
  }
  const std::vector<PalettePoint> line = {{0, 0}, {1, 1}};
  const auto made = Palette(model, music).along_path(line, {0});
  CHECK(made.places.size() == made.music.bars.size());
  CHECK(made.places[0] == made.places[1]);
  CHECK(made.places.back() == PalettePoint{1, 1});
}

TEST_CASE("A score on a palette has weighted tempos, and the parts of the nearest piece",
          "[src][palette][bundled]") {
  auto sources = box().sources;
  for (std::size_t i = 0; i < kCorners; ++i) {
    sources[i].file.score.tempos = {{midi::Ticks(0), i % 2 == 0 ? 1'000'000u : 500'000u}};
  }
  const std::span<const Source, kCorners> all(sources);
  const Palette palette(box().model, box().music);
  const auto middle = score_of_palette(palette.at({0.5, 0}, {0}), all);
  CHECK(middle.tempos.at(0).quarters_per_minute() == Approx(90).margin(0.01));
  const std::vector<PalettePoint> line = {{0, 0}, {1, 0}};
  const auto score = score_of_palette(palette.along_path(line, {0}), all);
  CHECK(score.tempos.size() == 8);
  CHECK(score.tempos.front().quarters_per_minute() == Approx(60).margin(0.01));
  CHECK(score.tempos.back().quarters_per_minute() == Approx(120).margin(0.01));
}

TEST_CASE("Music on a palette in sequence is as long as all of it, each under a marker",
          "[src][palette][bundled]") {
  const Palette palette(box().model, box().music);
  const std::vector<PaletteMusic> made = {palette.at({0, 0}, {0}), palette.at({1, 0.5}, {0})};
  const auto score = join_palette(made, box().all());
  std::vector<std::string> markers;
  for (const auto& meta : score.tracks.at(0).metas) {
    if (meta.type == 6) markers.push_back(meta.data);
  }
  CHECK(markers == std::vector<std::string>{"x = 0.00, y = 0.00", "x = 1.00, y = 0.50"});
  const auto piece = datasets::quantize(score, box().model.codec().grid());
  CHECK(piece.music.bars.size() == 16);
}
