#include "src/evaluation/listener.hpp"

#include <random>
#include <vector>

#include "tests/catch.hpp"

using namespace musicvae;

namespace {

/// Passages of four bars whose latents are normal around `mean` in their first dimension.
std::vector<BarLatents> passages(int count, double mean, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<BarLatents> all;
  for (int i = 0; i < count; ++i) {
    BarLatents bars(4, Latent(8));
    for (Latent& latent : bars) {
      for (float& value : latent) value = normal(random);
      latent[0] += static_cast<float>(mean);
    }
    all.push_back(bars);
  }
  return all;
}

}  // namespace

TEST_CASE("A listener cannot tell music of one kind apart", "[src][evaluation]") {
  const auto share = told_apart(passages(200, 0, 1), passages(100, 0, 2));
  CHECK(share.value() == Approx(0.5).margin(0.06));
}

TEST_CASE("A listener tells apart what differs", "[src][evaluation]") {
  const auto share = told_apart(passages(200, 2, 1), passages(100, 0, 2));
  CHECK(share.value() == Approx(0.84).margin(0.04));  // Phi(1): the best there is.
  CHECK(told_apart(passages(50, 9, 1), passages(50, 0, 2)).value() == Approx(1).margin(0.01));
}

TEST_CASE("A listener wants five passages of each kind", "[src][evaluation]") {
  CHECK_FALSE(told_apart(passages(4, 0, 1), passages(50, 0, 2)));
  CHECK_FALSE(told_apart(passages(50, 0, 1), passages(4, 0, 2)));
}
