#include "models/layers/timeline.hpp"

#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

TEST_CASE("A timeline has the real rows of all bars in order, and their bars' controls",
          "[models][timeline]") {
  const auto config = small_config("flat", RowKind::kTokens);
  const auto batch = random_batch(config, 1);
  const Timeline timeline(batch);
  const auto rows_BT = timeline.rows(batch.rows);
  const auto controls_BTC = timeline.repeat_per_row(batch.controls_BUC);
  for (int song = 0; song < 2; ++song) {
    std::int64_t step = 0;
    for (int bar = 0; bar < 3; ++bar) {
      const auto length = batch.lengths_BU[song][bar].item<std::int64_t>();
      for (int row = 0; row < length; ++row, ++step) {
        CHECK(torch::equal(rows_BT[song][step], batch.rows[song][bar][row]));
        CHECK(torch::equal(controls_BTC[song][step], batch.controls_BUC[song][bar]));
      }
    }
    CHECK(timeline.lengths_B()[song].item<std::int64_t>() == step);
  }
}
