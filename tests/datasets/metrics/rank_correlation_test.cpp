#include "datasets/metrics/rank_correlation.hpp"

#include <cmath>
#include <vector>

#include "datasets/error.hpp"
#include "src/base/random.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using namespace musicvae::datasets;

using Values = std::vector<double>;

TEST_CASE("A rising map correlates by 1 and a falling one by -1",
          "[datasets][rank_correlation][property]") {
  SplitMix64 random(5);
  for (int round = 0; round < 30; ++round) {
    Values x(std::size_t(2 + random.below(20)));
    for (double& value : x) value = random.uniform() - 0.5;
    Values rising, falling;
    for (const double value : x) {
      rising.push_back(std::exp(9 * value));
      falling.push_back(-value * value * value);
    }
    CHECK(*rank_correlation(x, rising) == Approx(1));
    CHECK(*rank_correlation(x, falling) == Approx(-1));
  }
}

TEST_CASE("Without ties it is 1 - 6 sum(d^2) / (n (n^2 - 1))", "[datasets][rank_correlation]") {
  CHECK(*rank_correlation(Values{1, 2, 3, 4, 5}, Values{2, 1, 4, 3, 5}) ==
        Approx(1 - 6. * 4 / (5 * 24)));
}

TEST_CASE("Equal values share the mean of their ranks", "[datasets][rank_correlation]") {
  // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3.
  CHECK(*rank_correlation(Values{0, 7, 7, 9}, Values{1, 2, 3, 4}) ==
        Approx(4.5 / std::sqrt(4.5 * 5)));
}

TEST_CASE("It is symmetric and within -1 and 1", "[datasets][rank_correlation][property]") {
  SplitMix64 random(6);
  for (int round = 0; round < 50; ++round) {
    Values a(12), b(12);
    for (double& value : a) value = random.below(4);
    for (double& value : b) value = random.below(9);
    const auto ab = rank_correlation(a, b);
    REQUIRE(ab);
    CHECK(*ab == Approx(*rank_correlation(b, a)));
    CHECK(std::abs(*ab) <= 1 + 1e-12);
  }
}

TEST_CASE("Values that are all alike correlate with nothing", "[datasets][rank_correlation]") {
  CHECK_FALSE(rank_correlation(Values{2, 2, 2}, Values{1, 2, 3}));
  CHECK_FALSE(rank_correlation(Values{1}, Values{1}));
  CHECK_FALSE(rank_correlation(Values{}, Values{}));
  CHECK_THROWS_AS(rank_correlation(Values{1, 2}, Values{1}), DatasetError);
}
