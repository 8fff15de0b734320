#include "datasets/metrics/nearest_bar.hpp"

#include <algorithm>
#include <set>

#include "datasets/metrics/note_metrics.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;

namespace {

/// Bars of few steps and pitches, so that many resemble each other. Some are empty.
Passage narrow_passage(unsigned seed, int bars) {
  std::mt19937 random(seed);
  Passage music{Grid{4}, {}};
  for (int i = 0; i < bars; ++i) {
    Bar bar{{std::uint8_t(made::draw(random, 3, 4)), 4}, Steps(16), {}};
    std::set<std::pair<int, int>> places;
    for (int n = made::draw(random, 0, 5); n > 0; --n) {
      places.insert({made::draw(random, 0, 3), made::draw(random, 60, 63)});
    }
    for (const auto& [onset, pitch] : places) {
      bar.notes.push_back({Steps(onset), Steps(made::draw(random, 1, 4)), std::uint8_t(pitch)});
    }
    music.bars.push_back(bar);
  }
  return music;
}

/// What BarIndex::distance() means, bar by bar.
double plain_distance(const std::vector<Passage>& pieces, const Bar& bar,
                      std::optional<std::size_t> except) {
  double best = 0;
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    if (piece == except) continue;
    for (const Bar& other : pieces[piece].bars) {
      if (other.meter != bar.meter || other.notes.empty()) continue;
      const auto counts = count_matches({Grid{4}, {other}}, {Grid{4}, {bar}});
      best = std::max(best, onset_pitch_score(counts).f1);
    }
  }
  return 1 - best;
}

}  // namespace

TEST_CASE("The nearest bar is the one that a search through all bars finds",
          "[datasets][nearest_bar][property]") {
  for (unsigned seed = 0; seed < 10; ++seed) {
    std::vector<Passage> pieces;
    for (unsigned piece = 0; piece < 5; ++piece) {
      pieces.push_back(narrow_passage(5 * seed + piece, 12));
    }
    const BarIndex index(pieces);
    for (const Bar& bar : narrow_passage(1000 + seed, 20).bars) {
      if (bar.notes.empty()) continue;
      CHECK(index.distance(bar).value() == Approx(plain_distance(pieces, bar, std::nullopt)));
    }
    for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
      for (const Bar& bar : pieces[piece].bars) {
        if (bar.notes.empty()) continue;
        CHECK(index.distance(bar).value() == 0);
        CHECK(index.distance(bar, piece).value() == Approx(plain_distance(pieces, bar, piece)));
      }
    }
  }
}

TEST_CASE("A bar is compared with bars of its meter and length alone", "[datasets][nearest_bar]") {
  const std::vector<GridNote> notes{{Steps(0), Steps(4), 60}, {Steps(4), Steps(4), 64}};
  const std::vector<Passage> pieces{{Grid{4}, {{{3, 4}, Steps(12), notes}}}};
  const BarIndex index(pieces);
  CHECK(index.distance({{3, 4}, Steps(12), notes}) == 0.0);
  CHECK_FALSE(index.distance({{6, 8}, Steps(12), notes}));
  CHECK_FALSE(index.distance({{3, 4}, Steps(8), notes}));
}

TEST_CASE("A piece's own bars are compared where another piece has such bars",
          "[datasets][nearest_bar]") {
  const Bar bar{{4, 4}, Steps(16), {{Steps(0), Steps(4), 60}}};
  const Bar short_bar{{2, 4}, Steps(8), {{Steps(0), Steps(4), 60}}};
  const Bar other{{4, 4}, Steps(16), {{Steps(0), Steps(4), 61}}};
  const std::vector<Passage> pieces{{Grid{4}, {bar, short_bar}}, {Grid{4}, {other}}};
  const BarIndex index(pieces);
  CHECK(index.distance(bar, 0) == 1.0);
  CHECK_FALSE(index.distance(short_bar, 0));
}

TEST_CASE("A bar in which no note begins is near nothing", "[datasets][nearest_bar]") {
  const std::vector<Passage> pieces{{Grid{4}, {{{4, 4}, Steps(16), {}}}}};
  CHECK_FALSE(BarIndex(pieces).distance({{4, 4}, Steps(16), {}}));
}
