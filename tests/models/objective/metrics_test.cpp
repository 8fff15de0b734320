#include "models/objective/metrics.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

TEST_CASE("A reconstruction equal to the truth is right, whatever the padding",
          "[models][metrics]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto batch = random_batch(small_config("flat", kind), 1);
    const auto padded = torch::cat({batch.rows, torch::zeros_like(batch.rows)}, 2);
    const auto accuracy = reconstruction_accuracy(kind, batch, {padded, batch.lengths_BU});
    CHECK(accuracy.rows == 14);
    CHECK(accuracy.share() == 1);
  }
}

TEST_CASE("Wrong and missing rows count against a reconstruction, extra ones do not",
          "[models][metrics]") {
  const Batch truth{torch::tensor({1, 2, 3, 1, 0, 0}, torch::kLong).view({1, 2, 3}),
                    torch::tensor({3, 1}, torch::kLong).view({1, 2}), torch::zeros({1, 2, 0})};
  // The third row of the first bar is padding that happens to hold the true value.
  const GeneratedRows generated{torch::tensor({1, 0, 3, 1, 2, 0}, torch::kLong).view({1, 2, 3}),
                                torch::tensor({2, 2}, torch::kLong).view({1, 2})};
  const auto accuracy = reconstruction_accuracy(RowKind::kTokens, truth, generated);
  CHECK(accuracy.correct == 2);  // the first of each bar
  CHECK(accuracy.rows == 4);
}

TEST_CASE("One wrong bit makes a row wrong", "[models][metrics]") {
  auto batch = random_batch(small_config("flat", RowKind::kBits), 1);
  auto rows = batch.rows.clone();
  rows[0][0][1][2] = 1 - rows[0][0][1][2];
  CHECK(reconstruction_accuracy(RowKind::kBits, batch, {rows, batch.lengths_BU}).correct == 13);
}

TEST_CASE("The meter gives bits a row and a passage over all that was added", "[models][metrics]") {
  const double bit = std::log(2.0);
  Loss first{torch::tensor(7.0), torch::tensor({6 * bit, 2 * bit}),
             torch::tensor({3 * bit, 5 * bit}), torch::tensor(3), torch::tensor(4)};
  Loss second{torch::tensor(4.0), torch::tensor({4 * bit}), torch::tensor({1 * bit}),
              torch::tensor(1), torch::tensor(2)};
  ElboMeter meter;
  meter.add(first);
  meter.add(second);
  CHECK(meter.passages() == 3);
  CHECK(meter.loss() == Approx(6));
  CHECK(meter.bits_per_row() == Approx(2));
  CHECK(meter.kl_bits() == Approx(3));
  CHECK(meter.elbo_bits() == Approx(-7));
  CHECK(meter.teacher_forced_accuracy().share() == Approx(4.0 / 6));
  CHECK(ElboMeter().bits_per_row() == 0);
}

TEST_CASE("Meters add up to the meter of all, in one process or through their sums",
          "[models][metrics]") {
  const auto loss = [](double value) {
    const auto a_passage = torch::tensor({value, 2 * value});
    return Loss{torch::tensor(value), a_passage, 3 * a_passage, torch::tensor(1), torch::tensor(4)};
  };
  ElboMeter all;
  all.add(loss(1));
  all.add(loss(2));
  ElboMeter one;
  one.add(loss(1));
  ElboMeter other;
  other.add(loss(2));
  auto sums = one.sums();
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += other.sums()[i];
  one += other;
  CHECK(one.sums() == all.sums());
  CHECK(ElboMeter(sums).sums() == all.sums());
}

TEST_CASE("Active units are those whose mean moves over the data, however it is batched",
          "[models][metrics]") {
  // The standard deviations lie on both sides of the threshold's, which is 0.1. The means are
  // large.
  const auto spread_Z = torch::tensor({0.0F, 0.05F, 0.2F, 1.0F});
  const auto mu_BZ = 100 + torch::randn({500, 4}, seeded(1)) * spread_Z;
  for (const int batch : {500, 64, 1}) {
    ActiveUnits units;
    CHECK(units.count() == 0);
    for (const auto& part : mu_BZ.split(batch)) units.add(part);
    CHECK(units.count() == 2);
    CHECK(units.count(0.5) == 1);
  }
}
