#include "datasets/metrics/inpainting_baselines.hpp"

#include "tests/catch.hpp"
#include "tests/datasets/bars_of_tokens.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

using Indices = std::vector<int>;

/// The first token of each bar.
std::vector<int> firsts(const std::vector<BarRows>& bars) {
  std::vector<int> tokens;
  for (const BarRows& bar : bars) tokens.push_back(bar.values.at(0));
  return tokens;
}

}  // namespace

TEST_CASE("The bar before a gap is copied into all its bars", "[datasets][inpainting]") {
  const auto bars = bars_of({{5}, {6}, {0}, {0}, {7}, {0}});
  CHECK(firsts(copy_bar_before(bars, Indices{2, 3, 5})) == std::vector<int>{5, 6, 6, 6, 7, 7});
}

TEST_CASE("At the start the first known bar is copied", "[datasets][inpainting]") {
  CHECK(firsts(copy_bar_before(bars_of({{0}, {0}, {7}, {8}}), Indices{0, 1})) ==
        std::vector<int>{7, 7, 7, 8});
}

TEST_CASE("The best match is the bar whose neighbours are the same", "[datasets][inpainting]") {
  // 4 5 6 7, and again with 6 missing; then with 5 and 6 missing.
  CHECK(firsts(copy_best_match(bars_of({{4}, {5}, {6}, {7}, {4}, {5}, {0}, {7}}), Indices{6}))[6] ==
        6);
  CHECK(firsts(copy_best_match(bars_of({{4}, {0}, {0}, {7}, {4}, {5}, {6}, {7}}), Indices{1, 2})) ==
        std::vector<int>{4, 5, 6, 7, 4, 5, 6, 7});
}

TEST_CASE("Among bars that match alike the nearest is copied, then the earlier",
          "[datasets][inpainting]") {
  CHECK(firsts(copy_best_match(bars_of({{1}, {2}, {3}, {0}, {4}, {5}, {6}}), Indices{3}))[3] == 3);
}

TEST_CASE("Bars in part alike count in part", "[datasets][inpainting]") {
  // The bar before the gap has two rows in common with the second bar, one with the fourth.
  const auto bars = bars_of({{1, 1, 1}, {2, 3, 4}, {10}, {2, 5, 6}, {11}, {2, 3, 7}, {0}});
  CHECK(firsts(copy_best_match(bars, Indices{6}))[6] == 10);
}

TEST_CASE("What stands in the gap does not matter", "[datasets][inpainting]") {
  auto bars = bars_of({{4}, {5}, {6}, {7}, {4}, {5}, {9}, {7}});
  const auto filled = copy_best_match(bars, Indices{6});
  bars[6].values = {3};
  CHECK(copy_best_match(bars, Indices{6}) == filled);
}

TEST_CASE("Bars of other lengths are not copied, and a gap without a source is refused",
          "[datasets][inpainting][hostile]") {
  auto bars = bars_of({{5}, {6}, {0}});
  bars[1].length = Steps(3);
  CHECK(firsts(copy_bar_before(bars, Indices{2}))[2] == 5);
  bars[0].length = Steps(3);
  CHECK_THROWS_AS(copy_bar_before(bars, Indices{2}), DatasetError);
  CHECK_THROWS_AS(copy_best_match(bars, Indices{0, 1, 2}), DatasetError);
}
