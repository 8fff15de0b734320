#include "datasets/grid/grid.hpp"

#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

TEST_CASE("A bar's length is its meter's, where that falls on the grid", "[datasets][grid]") {
  CHECK(bar_length(Grid{4}, {6, 8}) == Steps(12));
  CHECK(bar_length(Grid{12}, {6, 8}) == Steps(36));
  CHECK(bar_length(Grid{1}, {2, 2}) == Steps(4));
  CHECK_FALSE(bar_length(Grid{4}, {5, 32}).has_value());
  CHECK_FALSE(bar_length(Grid{4}, {4, 0}).has_value());
}

TEST_CASE("Slices next to each other make up the passage", "[datasets][grid]") {
  Rng rng(2);
  const Passage passage = random_passage(rng, Grid{4}, 9);
  Passage joined = slice(passage, 0, 4);
  const Passage rest = slice(passage, 4, 5);
  joined.bars.insert(joined.bars.end(), rest.bars.begin(), rest.bars.end());
  CHECK(joined == passage);
}

TEST_CASE("A slice beyond the passage is refused", "[datasets][grid]") {
  const Passage passage{Grid{4}, std::vector<Bar>(3)};
  CHECK(slice(passage, 3, 0).bars.empty());
  CHECK_THROWS_AS(slice(passage, 1, 3), DatasetError);
  CHECK_THROWS_AS(slice(passage, -1, 1), DatasetError);
  CHECK_THROWS_AS(slice(passage, 2'000'000'000, 2'000'000'000), DatasetError);
}
