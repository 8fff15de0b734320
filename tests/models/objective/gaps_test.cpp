#include "models/objective/gaps.hpp"

#include <torch/utils.h>

#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

TEST_CASE("Gaps lie among the bars that are there, and every passage has one", "[models][gaps]") {
  const auto bars_B = torch::tensor({1, 2, 5, 16}, torch::kLong).repeat({500});
  const auto lengths_BU = (torch::arange(16) < bars_B.unsqueeze(1)).to(torch::kLong) * 3;
  const auto missing_BU = draw_gaps(lengths_BU, torch::rand({2000, kGapNumbers}, seeded(1)));
  CHECK_FALSE((missing_BU & (lengths_BU == 0)).any().item<bool>());
  CHECK((missing_BU.sum(1) >= 1).all().item<bool>());
}

TEST_CASE("Gaps are of all lengths and places, some in two runs, some of all bars",
          "[models][gaps]") {
  const auto lengths_BU = torch::ones({4000, 16}, torch::kLong);
  const auto missing_BU = draw_gaps(lengths_BU, torch::rand({4000, kGapNumbers}, seeded(1)));
  const auto count_B = missing_BU.sum(1);
  const auto starts_B = missing_BU.select(1, 0).to(torch::kLong) +
                        (missing_BU.narrow(1, 1, 15) & ~missing_BU.narrow(1, 0, 15)).sum(1);
  for (int length = 1; length <= 8; ++length) {
    CHECK(((count_B == length) & (starts_B == 1)).sum().item<int>() > 100);
  }
  CHECK((starts_B == 2).sum().item<int>() > 200);
  CHECK((count_B == 16).sum().item<int>() > 50);
  CHECK((missing_BU.sum(0) > 400).all().item<bool>());
}
