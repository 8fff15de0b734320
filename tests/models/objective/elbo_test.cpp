#include "models/objective/elbo.hpp"

#include <cmath>

#include "models/latent/registry.hpp"
#include "models/objective/loss.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

/// A model that knows nothing. It gives one posterior for all passages and the same logits
/// everywhere, and keeps the inputs that it was last asked to condition on.
class Fixed : public Model {
 public:
  Fixed(const ModelConfig& config, Posterior posterior, torch::Tensor logits_W)
      : Model(resolved(config)), posterior_(std::move(posterior)), logits_W_(std::move(logits_W)) {
    add_latent(*this, {});
  }

  Posterior encode(const Batch&) override { return posterior_; }
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override {
    z_BZ_ = z_BZ;
    inputs_ = inputs;
    return logits_W_.expand({batch.target_places_P().size(0), config().row_width});
  }
  GeneratedRows generate_rows(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&,
                              const SamplingOptions&, RowConstraint&, torch::Generator) override {
    return {};
  }

  torch::Tensor z_BZ_, inputs_;

 private:
  Posterior posterior_;
  torch::Tensor logits_W_;
};

/// KL of the two passages: 0.5 (1 + 4 - 1 - 2 ln 2) + 0 and 2 x 0.5 (0.25 - 1 + 2 ln 2).
Posterior two_posteriors() {
  return {torch::tensor({1.0, 0.0, 0.0, 0.0}).view({2, 2}),
          torch::tensor({2.0, 1.0, 0.5, 0.5}).view({2, 2})};
}

const double kKl0 = 0.5 * (4 - 2 * std::log(2.0));
const double kKl1 = 2 * 0.5 * (-0.75 + 2 * std::log(2.0));

Fixed fixed_model() {
  return Fixed(small_config("flat", RowKind::kTokens), two_posteriors(), torch::zeros({5}));
}

/// Passages [first, first + count), padded no more than they need.
Batch part_of(const Batch& batch, std::int64_t first, std::int64_t count) {
  const auto lengths_BU = batch.lengths_BU.narrow(0, first, count);
  return {batch.rows.narrow(0, first, count).narrow(2, 0, lengths_BU.max().item<std::int64_t>()),
          lengths_BU, batch.controls_BUC.narrow(0, first, count)};
}

}  // namespace

TEST_CASE("The KL to N(0, I) is what the formula gives by hand", "[models][elbo]") {
  const auto model = fixed_model();
  const auto kl_B = kl_term(model, two_posteriors(), {}).kl_B;
  CHECK(kl_B[0].item<double>() == Approx(kKl0));
  CHECK(kl_B[1].item<double>() == Approx(kKl1));
}

TEST_CASE("The KL agrees with an average over samples", "[models][elbo]") {
  constexpr int kSamples = 200000;
  const Posterior posterior{torch::tensor({{0.7}}), torch::tensor({{0.4}})};
  const Posterior many{posterior.mu_BZ.expand({kSamples, 1}),
                       posterior.sigma_BZ.expand({kSamples, 1})};
  const auto model = fixed_model();
  const auto z = draw_posterior(model, many, torch::randn({kSamples, 1}, seeded(1))).z_BZ;
  const auto log_q = -0.5 * ((z - 0.7) / 0.4).square() - std::log(0.4);
  const auto log_p = -0.5 * z.square();
  CHECK((log_q - log_p).mean().item<double>() ==
        Approx(kl_term(model, posterior, {}).kl_B.item<double>()).epsilon(0.01));
}

TEST_CASE("Free bits are forgiven of each passage's total KL, in bits", "[models][elbo]") {
  auto model = fixed_model();
  const auto batch = random_batch(model.config(), 1);
  const double reconstruction = 14 * std::log(5.0) / 2;  // 14 rows of 5 equal classes, 2 passages
  const auto total = [&](double beta, double free_bits) {
    const LossOptions options{.beta = beta, .free_bits = free_bits};
    return compute_loss(model, batch, options, seeded(1)).total.item<double>();
  };
  CHECK(total(0, 0) == Approx(reconstruction));
  CHECK(total(1, 0) == Approx(reconstruction + (kKl0 + kKl1) / 2));
  CHECK(total(0.2, 0) == Approx(reconstruction + 0.2 * (kKl0 + kKl1) / 2));
  const double nats = std::log(2.0);  // one bit: less than the first KL, more than the second
  REQUIRE(kKl1 < nats);
  CHECK(total(0.2, 1) == Approx(reconstruction + 0.2 * (kKl0 - nats) / 2));
  CHECK(total(1, 100) == Approx(reconstruction));
}

TEST_CASE("The loss counts rows, right ones and nats a passage", "[models][elbo]") {
  Fixed model(small_config("flat", RowKind::kTokens), two_posteriors(),
              torch::tensor({0.0, 0.0, 1.0, 0.0, 0.0}));
  const auto batch = random_batch(model.config(), 1);
  const auto loss = compute_loss(model, batch, {}, seeded(1));
  const auto right = ((batch.rows == 2) & batch.mask_BUR()).sum().item<std::int64_t>();
  CHECK(loss.rows.item<std::int64_t>() == 14);
  CHECK(loss.correct_rows.item<std::int64_t>() == right);
  const double all = 14 * std::log(4 + std::exp(1.0)) - static_cast<double>(right);
  CHECK(loss.reconstruction_B.sum().item<double>() == Approx(all));
  CHECK(loss.kl_B.size(0) == 2);
}

TEST_CASE("beta rises from 0 to its weight, or is there at once without annealing",
          "[models][elbo]") {
  const KlOptions annealed{.beta = 0.2, .annealing_rate = 0.99};
  CHECK(annealed_beta(annealed, 0) == 0);
  CHECK(annealed_beta(annealed, 1) == Approx(0.002));
  CHECK(annealed_beta(annealed, 100000) == Approx(0.2));
  CHECK(annealed_beta({.beta = 0.2, .annealing_rate = 0}, 0) == 0.2);
}

TEST_CASE("In cycles beta grows over the first half and stays over the second", "[models][elbo]") {
  const KlOptions cycles{.beta = 0.2, .cycle = 100};
  CHECK(annealed_beta(cycles, 0) == 0);
  CHECK(annealed_beta(cycles, 25) == Approx(0.1));
  CHECK(annealed_beta(cycles, 50) == Approx(0.2));
  CHECK(annealed_beta(cycles, 99) == Approx(0.2));
  CHECK(annealed_beta(cycles, 100) == 0);
}

TEST_CASE("Free bits of each dimension are forgiven dimension by dimension", "[models][elbo]") {
  auto model = fixed_model();
  const auto batch = random_batch(model.config(), 1);
  const double reconstruction = 14 * std::log(5.0) / 2;
  const auto total = [&](double free_bits_each) {
    const LossOptions options{.beta = 1, .free_bits_each = free_bits_each};
    return compute_loss(model, batch, options, seeded(1)).total.item<double>();
  };
  const double free = 0.2 * std::log(2.0);
  REQUIRE(kKl1 / 2 > free);
  // The first passage has one dimension with a KL, the second two.
  CHECK(total(0.2) == Approx(reconstruction + (kKl0 - free + kKl1 - 2 * free) / 2));
}

TEST_CASE("The temperature of categories falls to its least", "[models][elbo]") {
  CHECK(annealed_relaxation(1, 0.99, 0.5, 0) == 1);
  CHECK(annealed_relaxation(1, 0.99, 0.5, 10) == Approx(std::pow(0.99, 10)));
  CHECK(annealed_relaxation(1, 0.99, 0.5, 1000) == 0.5);
}

TEST_CASE("The sampling probability rises along the inverse sigmoid", "[models][elbo]") {
  CHECK(sampling_probability(0, 1000) == 0);
  CHECK(sampling_probability(1000, 0) == Approx(1.0 / 1001));
  CHECK(sampling_probability(1000, 6908) == Approx(0.5).margin(0.001));  // exp(6.908) = 1000
  CHECK(sampling_probability(10, 1'000'000) == 1);
}

TEST_CASE("Scheduled sampling replaces its share of inputs by rows the model would say",
          "[models][elbo]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = small_config("flat", kind);
    const auto always_3 = torch::full({5}, kind == RowKind::kTokens ? 0.0 : 200.0);
    always_3[3] = 200;  // as bits: all ones
    Fixed model(config, two_posteriors(), always_3);
    Batch batch{random_rows(config, {2, 50, 50}, seeded(1)), torch::full({2, 50}, 50, torch::kLong),
                torch::zeros({2, 50, 2})};
    batch.rows.zero_();
    compute_loss(model, batch, {.sampling_probability = 0.3}, seeded(2));
    const auto changed = kind == RowKind::kTokens ? model.inputs_ == 3 : model.inputs_.sum(-1) == 5;
    const auto kept = kind == RowKind::kTokens ? model.inputs_ == 0 : model.inputs_.sum(-1) == 0;
    CHECK((changed | kept).all().item<bool>());
    CHECK(changed.to(torch::kDouble).mean().item<double>() == Approx(0.3).margin(0.05));
    compute_loss(model, batch, {}, seeded(2));
    CHECK_FALSE(model.inputs_.defined());
  }
}

TEST_CASE("Row dropout hides its share of rows from the decoder, and of no others",
          "[models][elbo]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    Fixed model(small_config("flat", kind), two_posteriors(), torch::zeros({5}));
    Batch batch{random_rows(model.config(), {2, 50, 50}, seeded(1)),
                torch::full({2, 50}, 50, torch::kLong), torch::zeros({2, 50, 2})};
    batch.rows.fill_(1);
    const auto loss = compute_loss(model, batch, {.row_dropout = 0.3}, seeded(2));
    const auto nothing = kind == RowKind::kTokens ? -1 : 0;
    const auto hidden = model.inputs_ == nothing;
    CHECK((hidden | (model.inputs_ == 1)).all().item<bool>());
    CHECK(hidden.to(torch::kDouble).mean().item<double>() == Approx(0.3).margin(0.05));
    if (kind == RowKind::kBits) CHECK(torch::equal(hidden.all(-1), hidden.any(-1)));
    const auto seen = compute_loss(model, batch, {}, seeded(2));
    CHECK(torch::equal(loss.reconstruction_B, seen.reconstruction_B));  // the loss counts all rows
  }
}

TEST_CASE("A generator's seed fixes z, whatever the parameters' type", "[models][elbo]") {
  auto model = fixed_model();
  const auto batch = random_batch(model.config(), 1);
  compute_loss(model, batch, {}, seeded(7));
  const auto first = model.z_BZ_;
  compute_loss(model, batch, {}, seeded(7));
  CHECK(torch::equal(model.z_BZ_, first));
  compute_loss(model, batch, {}, seeded(8));
  CHECK_FALSE(torch::equal(model.z_BZ_, first));
}

TEST_CASE("A share of a batch has the noise and the loss it has within the whole",
          "[models][elbo]") {
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    const auto config = small_config("hierarchical", kind);
    const auto model = vivid_model(config, 1);
    // Only the second passage has bars as long as the whole's longest.
    const auto lengths_BU = torch::tensor({3, 5, 2, 4}, torch::kLong).unsqueeze(1).repeat({1, 3});
    const Batch batch{random_rows(config, {4, 3, 5}, seeded(1)), lengths_BU,
                      torch::randn({4, 3, 2}, seeded(2))};
    for (const double sampling : {0.0, 0.5}) {
      const auto loss_of = [&](const Batch& share, std::optional<BatchPlace> place) {
        const LossOptions options{
            .sampling_probability = sampling, .row_dropout = sampling, .place = place};
        return compute_loss(*model, share, options, seeded(3)).reconstruction_B;
      };
      const auto whole = loss_of(batch, std::nullopt);
      CHECK(torch::equal(loss_of(batch, BatchPlace{0, 4, 5}), whole));
      for (const auto& [first, count] : {std::pair{0, 1}, std::pair{2, 2}, std::pair{1, 3}}) {
        const auto share = loss_of(part_of(batch, first, count), BatchPlace{first, 4, 5});
        CHECK(torch::allclose(share, whole.narrow(0, first, count), 1e-5, 1e-4));
      }
    }
  }
}
