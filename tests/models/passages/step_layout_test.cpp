#include "models/passages/step_layout.hpp"

#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

TEST_CASE("Steps end with their token or with their bar, and keep the order of their rows",
          "[models][zoo]") {
  // Two passages of two bars: tokens 7 0 | 5 0 0 and 4 4 (which no token ends) | absent.
  Batch batch;
  batch.rows = torch::tensor({7, 0, 9, 5, 0, 0, 4, 4, 9, 9, 9, 9}, torch::kLong).view({2, 2, 3});
  batch.lengths_BU = torch::tensor({2, 3, 2, 0}, torch::kLong).view({2, 2});
  batch.controls_BUC = torch::tensor({1.0F, 2.0F, 3.0F, 4.0F}).view({2, 2, 1});
  const StepLayout layout(batch);
  CHECK(torch::equal(layout.counts_B(), torch::tensor({3, 1}, torch::kLong)));
  const auto steps = layout.steps(batch.rows, batch.controls_BUC);
  CHECK(
      torch::equal(steps.lengths_BU, torch::tensor({2, 2, 1, 2, 0, 0}, torch::kLong).view({2, 3})));
  const auto real = steps.rows.masked_select(steps.mask_BUR());
  CHECK(torch::equal(real, batch.rows.masked_select(batch.mask_BUR())));
  CHECK(torch::equal(steps.controls_BUC.flatten().narrow(0, 0, 4),
                     torch::tensor({1.0F, 2.0F, 2.0F, 3.0F})));
}
