#include "src/placed_model.hpp"

#include "models/elbo.hpp"
#include "src/batches.hpp"
#include "src/generation.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;

namespace {

/// Passages of bars of `rows` rows each.
models::Batch batch_of(const MusicModel& model, const std::vector<int>& rows) {
  const auto width = model.network->config().row_width;
  const auto passages = static_cast<std::int64_t>(rows.size());
  const auto longest = *std::max_element(rows.begin(), rows.end());
  models::Batch batch{
      torch::arange(passages * 2 * longest).remainder(width).view({passages, 2, longest}),
      torch::tensor(rows, torch::kLong).unsqueeze(1).repeat({1, 2}),
      torch::zeros({passages, 2, model.network->config().control_width})};
  batch.rows.masked_fill_(~batch.mask_BUR(), 0);
  return batch;
}

/// Passages [first, first + count), padded no more than they need.
models::Batch part_of(const models::Batch& batch, std::int64_t first, std::int64_t count) {
  const auto lengths_BU = batch.lengths_BU.narrow(0, first, count);
  return {batch.rows.narrow(0, first, count).narrow(2, 0, lengths_BU.max().item<std::int64_t>()),
          lengths_BU, batch.controls_BUC.narrow(0, first, count)};
}

models::Loss loss_at(const MusicModel& model, const models::Batch& batch, const BatchPlace& place,
                     double sampling) {
  PlacedModel placed(model.network, place, sampling, make_generator(1));
  return models::compute_loss(placed, batch, {.beta = 1, .free_bits = 0}, make_generator(2));
}

}  // namespace

TEST_CASE("A whole batch placed as it is has the loss it has without a place",
          "[src][distributed]") {
  const MusicModel model = test::small_model();
  const auto batch = batch_of(model, {3, 5, 2});
  for (const double sampling : {0.0, 0.5}) {
    const auto placed = loss_at(model, batch, {0, 3, 5}, sampling);
    const auto plain = models::compute_loss(
        *model.network, batch, {.beta = 1, .free_bits = 0, .sampling_probability = sampling},
        make_generator(1));
    CHECK(torch::equal(placed.reconstruction_B, plain.reconstruction_B));
    CHECK(torch::equal(placed.kl_B, plain.kl_B));
  }
}

TEST_CASE("A share of a batch has the noise and the loss it has within the whole",
          "[src][distributed]") {
  const MusicModel model = test::small_model();
  const auto batch = batch_of(model, {3, 5, 2, 4});
  for (const double sampling : {0.0, 0.5}) {
    const auto whole = loss_at(model, batch, {0, 4, 5}, sampling).reconstruction_B;
    // Of the second share, no bar is as long as the whole's longest.
    for (const auto& [first, count] : {std::pair{0, 1}, std::pair{2, 2}, std::pair{1, 3}}) {
      const auto share = loss_at(model, part_of(batch, first, count), {first, 4, 5}, sampling);
      CHECK(torch::allclose(share.reconstruction_B, whole.narrow(0, first, count), 1e-5, 1e-4));
    }
  }
}
