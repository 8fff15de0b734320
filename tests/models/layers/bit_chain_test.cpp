#include "models/layers/bit_chain.hpp"

#include <cmath>
#include <vector>

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

namespace {

/// Rows of `logits` under one rule, drawn at `temperature`.
torch::Tensor rows_under(const BitRule& rule, const torch::Tensor& logits, double temperature = 1) {
  const std::vector<BitRule> rules(static_cast<std::size_t>(logits.size(0)), rule);
  return BitChain(kWidth)->sample(logits, temperature, numbers().narrow(0, 0, logits.size(0)),
                                  rules);
}

torch::Tensor random_logits() { return torch::randn({kRows, kWidth}, seeded(5)) * 2; }

/// How many bits of the first half each row has.
torch::Tensor begun(const torch::Tensor& rows) { return rows.narrow(1, 0, kWidth / 2).sum(1); }

}  // namespace

TEST_CASE("A bit that may not be set never is, at any temperature", "[models][bit_chain]") {
  const BitRule rule{.may = {true, false, false, true, true, false, true, true}};
  for (const double temperature : {0.0, 0.5, 1.0, 3.0}) {
    const auto rows = rows_under(rule, random_logits(), temperature);
    for (const int bit : {1, 2, 5}) CHECK_FALSE(rows.select(1, bit).any().item<bool>());
    for (const int bit : {0, 3, 4, 6, 7}) CHECK(rows.select(1, bit).any().item<bool>());
  }
}

TEST_CASE("Notes that may not begin are replaced, so that music does not become thin",
          "[models][bit_chain]") {
  auto logits = torch::full({kRows, kWidth}, -50.0);
  logits.select(1, 1).fill_(std::log(0.7 / 0.3));
  logits.select(1, 2).fill_(-6);
  logits.select(1, 0).fill_(-8);
  const auto rows = rows_under({.may = {true, false, true, true, true, true, true, true}}, logits);
  CHECK(rows.select(1, 2).mean().item<double>() == Approx(0.7).margin(0.02));
  CHECK(begun(rows).mean().item<double>() == Approx(0.7).margin(0.02));
}

TEST_CASE("As many notes begin as a rule says", "[models][bit_chain]") {
  for (const std::int64_t count : {0, 1, 2, 4}) {
    for (const double temperature : {0.0, 1.0}) {
      const auto begins =
          begun(rows_under({.fewest = count, .most = count}, random_logits(), temperature));
      CHECK((begins == count).all().item<bool>());
    }
  }
  const BitRule two_left{.may = {false, true, true, false, true, true, true, true}, .fewest = 3};
  CHECK((begun(rows_under(two_left, random_logits())) == 2).all().item<bool>());
}

TEST_CASE("Notes that must begin are the likely ones", "[models][bit_chain]") {
  auto logits = torch::full({kRows, kWidth}, -5.0);
  logits.select(1, 3).fill_(-3);
  const auto rows = rows_under({.fewest = 1, .most = 1}, logits);
  const double share = std::exp(-3.0) / (std::exp(-3.0) + 3 * std::exp(-5.0));
  CHECK(rows.select(1, 3).mean().item<double>() == Approx(share).margin(0.03));
}

TEST_CASE("No more voices sound than a rule says", "[models][bit_chain]") {
  for (const std::int64_t most : {1, 2, 5}) {
    const auto sounding = rows_under({.most_sounding = most}, random_logits() + 2).sum(1);
    CHECK(sounding.max().item<double>() == most);
  }
}

TEST_CASE("Notes that belong together begin together or not at all", "[models][bit_chain]") {
  const BitRule rule{.may = {true, false, true, false, true, true, true, true}, .together = true};
  const auto rows = rows_under(rule, notes_of(0.3));
  const auto begins = begun(rows);
  CHECK(((begins == 0) | (begins == 2)).all().item<bool>());
  // A chord is struck as often as anything would be.
  const double expected = 1 - std::pow(0.7, 4);
  CHECK(rows.select(1, 0).mean().item<double>() == Approx(expected).margin(0.015));
}

TEST_CASE("Eagerness raises the odds that a note begins", "[models][bit_chain]") {
  const double odds = (1 - std::pow(0.7, 4)) / std::pow(0.7, 4);
  for (const double eagerness : {-2.0, 0.0, 1.0}) {
    const auto begins = begun(rows_under({.most = 1, .eagerness = eagerness}, notes_of(0.3)));
    const double more = odds * std::exp(eagerness);
    CHECK(begins.mean().item<double>() == Approx(more / (1 + more)).margin(0.015));
  }
}
