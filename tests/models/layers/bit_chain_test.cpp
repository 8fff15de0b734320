#include "models/layers/bit_chain.hpp"

#include <cmath>

#include <torch/utils.h>

#include "models/layers/rows.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

constexpr std::int64_t kWidth = 8, kRows = 20'000;

/// A chain in which each bit that begins something rules out the others.
BitChain one_note_chain() {
  BitChain chain(kWidth);
  const torch::NoGradGuard no_grad;
  auto weight = chain->parameters()[0];
  weight.narrow(0, 0, kWidth / 2).narrow(1, 0, kWidth / 2).fill_(-50);
  return chain;
}

/// Logits of rows where each of the four notes has the probability `share`, and nothing sounds on.
torch::Tensor notes_of(double share) {
  auto logits = torch::full({kRows, kWidth}, -50.0);
  logits.narrow(1, 0, kWidth / 2).fill_(std::log(share / (1 - share)));
  return logits;
}

torch::Tensor numbers() { return torch::rand({kRows, kWidth}, seeded(1)); }

}  // namespace

TEST_CASE("Bits are independent until a chain has learnt otherwise", "[models][bit_chain]") {
  const BitChain chain(kWidth);
  const auto logits = torch::randn({5, kWidth}, seeded(2));
  const auto rows = torch::randint(2, {5, kWidth}, seeded(3), torch::kFloat);
  CHECK(torch::equal(chain->forward(logits, rows), logits));
}

TEST_CASE("A bit's logit depends on earlier bits alone", "[models][bit_chain]") {
  BitChain chain(kWidth);
  const torch::NoGradGuard no_grad;
  chain->parameters()[0].normal_(0, 1, seeded(4));
  const auto logits = torch::randn({1, kWidth}, seeded(2));
  const auto rows = torch::randint(2, {1, kWidth}, seeded(3), torch::kFloat);
  const auto before = chain->forward(logits, rows);
  for (std::int64_t bit = 0; bit < kWidth; ++bit) {
    auto other = rows.clone();
    other.select(1, bit).mul_(-1).add_(1);
    const auto moved = (chain->forward(logits, other) != before).squeeze(0);
    CHECK_FALSE(moved.narrow(0, 0, bit + 1).any().item<bool>());
    CHECK(moved.narrow(0, bit + 1, kWidth - bit - 1).all().item<bool>());
  }
}

TEST_CASE("Notes that rule each other out come one at a time", "[models][bit_chain]") {
  const auto rows = one_note_chain()->sample(notes_of(0.3), 1, numbers());
  const auto notes = rows.sum(1);
  CHECK(notes.max().item<double>() == 1);
  const double expected = 1 - std::pow(0.7, 4);
  CHECK(notes.mean().item<double>() == Approx(expected).margin(0.015));
}

TEST_CASE("A low temperature does not silence rows whose note is uncertain",
          "[models][bit_chain]") {
  const auto chain = one_note_chain();
  const auto logits = notes_of(0.3);  // A note comes with .76, each with less than a half.
  for (const double temperature : {0.0, 0.2, 0.5}) {
    const auto rows = chain->sample(logits, temperature, numbers());
    CHECK(rows.sum(1).mean().item<double>() > 0.85);
  }
  const auto apart = sample_rows(RowKind::kBits, logits, 0.2, {}, numbers());
  CHECK(apart.sum(1).mean().item<double>() < 0.1);
}

TEST_CASE("A low temperature prefers the likelier note", "[models][bit_chain]") {
  auto logits = notes_of(0.2);
  logits.select(1, 2).fill_(0.5);
  const auto share_of_likeliest = [&](double temperature) {
    const auto rows = one_note_chain()->sample(logits, temperature, numbers());
    return rows.select(1, 2).mean().item<double>() / rows.sum(1).mean().item<double>();
  };
  CHECK(share_of_likeliest(0.5) > share_of_likeliest(1) + 0.1);
  CHECK(share_of_likeliest(2) < share_of_likeliest(1) - 0.05);
  CHECK(share_of_likeliest(0) == 1);
}
