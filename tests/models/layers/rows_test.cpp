#include "models/layers/rows.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

TEST_CASE("The loss of tokens and bits is -log p of the row", "[models][rows]") {
  const auto logits = 3 * torch::randn({4, 6, 5}, seeded(1), torch::kDouble);
  const auto tokens = torch::randint(5, {4, 6}, seeded(2), torch::kLong);
  const auto token_loss = -logits.softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1).log();
  CHECK(torch::allclose(row_loss(RowKind::kTokens, logits, tokens), token_loss));

  const auto bits = torch::randint(2, {4, 6, 5}, seeded(3), torch::kDouble);
  const auto bit_loss =
      torch::binary_cross_entropy_with_logits(logits, bits, {}, {}, torch::Reduction::None);
  CHECK(torch::allclose(row_loss(RowKind::kBits, logits, bits), bit_loss.sum(-1)));
}

TEST_CASE("Losses stay finite for logits far from 0", "[models][rows]") {
  const auto logits = torch::tensor({-200.0F, 200.0F});
  const auto wrong = row_loss(RowKind::kBits, logits, torch::tensor({1.0F, 0.0F}));
  CHECK(wrong.item<double>() == Approx(400));
  CHECK(row_loss(RowKind::kTokens, logits, torch::tensor(0)).item<double>() == Approx(400));
}

TEST_CASE("Sampled tokens follow softmax(logits / temperature) among those allowed",
          "[models][rows]") {
  constexpr int kDraws = 40000;
  const auto logits = torch::tensor({1.0F, -0.5F, 2.0F, 0.3F});
  const auto allowed = torch::tensor({1, 1, 0, 1}, torch::kBool);
  const double temperature = 0.7;
  const auto drawn = sample_rows(RowKind::kTokens, logits.expand({kDraws, 4}), temperature,
                                 allowed.expand({kDraws, 4}), seeded(1));
  const auto weights = (logits / temperature).exp() * allowed;
  const auto expected = weights / weights.sum();
  for (int token = 0; token < 4; ++token) {
    const double p = expected[token].item<double>();
    const double share = (drawn == token).sum().item<double>() / kDraws;
    CHECK(std::abs(share - p) <= 5 * std::sqrt(p * (1 - p) / kDraws));
  }
}

TEST_CASE("Sampled bits are 1 with probability sigmoid(logit / temperature)", "[models][rows]") {
  constexpr int kDraws = 40000;
  const auto logits = torch::tensor({1.0F, -0.5F, 0.0F});
  const auto drawn =
      sample_rows(RowKind::kBits, logits.expand({kDraws, 3}), 2.0, {}, seeded(1)).mean(0);
  const auto expected = (logits / 2.0).sigmoid();
  CHECK((drawn - expected).abs().max().item<double>() < 5 * 0.5 / std::sqrt(kDraws));
}

TEST_CASE("Temperature 0 and one next to it take the likeliest row allowed", "[models][rows]") {
  const auto logits = torch::randn({50, 7}, seeded(1));
  const auto allowed = torch::rand({50, 7}, seeded(2)) < 0.5;
  allowed.select(1, 3).fill_(true);
  const auto best = logits.masked_fill(~allowed, -1e9).argmax(-1);
  for (const double temperature : {0.0, 1e-30}) {
    CHECK(
        torch::equal(sample_rows(RowKind::kTokens, logits, temperature, allowed, seeded(3)), best));
  }
  const auto bits = sample_rows(RowKind::kBits, logits, 0, {}, seeded(3));
  CHECK(torch::equal(bits, likeliest_rows(RowKind::kBits, logits)));
  CHECK(torch::equal(bits > 0.5, logits > 0));
}

TEST_CASE("The same numbers draw the same tokens, row by row or by operators", "[models][rows]") {
  const auto logits = 2 * torch::randn({300, 4, 9}, seeded(1));
  const auto numbers = torch::rand({300, 4}, seeded(2));
  auto allowed = torch::rand({300, 4, 9}, seeded(3)) < 0.5;
  allowed.select(-1, 8).fill_(true);
  for (const double temperature : {0.0, 0.5, 1.0}) {
    for (const auto& mask : {allowed, torch::Tensor()}) {
      const auto draw = [&](const torch::Tensor& given) {
        return sample_rows(RowKind::kTokens, given, temperature, mask, numbers);
      };
      // Doubles take the operators, as a GPU does.
      CHECK(torch::equal(draw(logits), draw(logits.to(torch::kDouble))));
    }
  }
}

TEST_CASE("A forbidden token is never drawn, however likely", "[models][rows]") {
  const auto logits = torch::randn({20000, 3}, seeded(1)) + torch::tensor({50.0F, 0.0F, 50.0F});
  const auto allowed = torch::tensor({0, 1, 0}, torch::kBool).expand({20000, 3});
  CHECK((sample_rows(RowKind::kTokens, logits, 1.0, allowed, seeded(2)) == 1).all().item<bool>());
}

TEST_CASE("Logits that are no numbers draw an allowed token all the same", "[models][rows]") {
  const auto logits = torch::full({4, 3}, std::nan(""));
  const auto allowed = torch::tensor({0, 1, 0}, torch::kBool).expand({4, 3});
  for (const double temperature : {0.0, 1.0}) {
    const auto drawn = sample_rows(RowKind::kTokens, logits, temperature, allowed, seeded(2));
    CHECK((drawn == 1).all().item<bool>());
  }
}

TEST_CASE("The same generator gives the same rows, another gives others", "[models][rows]") {
  const auto logits = torch::randn({100, 5}, seeded(1));
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto draw = [&](int seed) { return sample_rows(kind, logits, 1.0, {}, seeded(seed)); };
    CHECK(torch::equal(draw(1), draw(1)));
    CHECK_FALSE(torch::equal(draw(1), draw(2)));
  }
}
