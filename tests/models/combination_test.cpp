#include <cmath>
#include <string>

#include <torch/utils.h>

#include "models/objective/loss.hpp"
#include "models/registries.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

struct Choice {
  std::string family = "mlp", posterior = "gaussian", prior = "auto", objective = "auto";
  RowKind kind = RowKind::kBits;
};

ModelConfig config_of(const Choice& choice) {
  auto config = small_config(choice.family, choice.kind);
  config.posterior = choice.posterior;
  config.prior = choice.prior;
  config.objective = choice.objective;
  config.categories = 4;
  if (needs_slots(config)) config.rows_per_bar = 4;
  return config;
}

std::string refusal(const Choice& choice) {
  try {
    validate(config_of(choice));
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

/// Whether `message` is one sentence that names `part` and says what to do.
bool explains(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos && message.find("; ") != std::string::npos &&
         message.find('\n') == std::string::npos;
}

}  // namespace

TEST_CASE("Whatever is not refused makes a model that gives a loss, music and a file's config",
          "[models][zoo]") {
  int made = 0;
  for (const auto& family : family_names()) {
    for (const auto& posterior : posterior_names()) {
      for (const auto& prior : prior_names()) {
        for (const auto& objective : objective_names()) {
          for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
            const Choice choice{family, posterior, prior, objective, kind};
            if (kind == RowKind::kBits && needs_pitches(family)) continue;
            if (!refusal(choice).empty()) continue;
            const auto config = config_of(choice);
            INFO(family << ' ' << posterior << ' ' << prior << ' ' << objective);
            const auto model = make_model(config, seeded(1));
            const LossOptions options{.draw = {.relaxation = 1}, .importance_samples = 2};
            const auto batch = random_batch(config, 2);
            const auto loss = compute_loss(*model, batch, options, seeded(2)).total;
            CHECK(std::isfinite(loss.item<double>()));
            FixedLengths constraint(batch.lengths_BU);
            const auto z = model->draw_z(batch, {}, constraint, seeded(3));
            CHECK(torch::isfinite(z).all().item<bool>());
            CHECK(config_from_json(to_json(model->config())) == config_from_json(to_json(config)));
            ++made;
          }
        }
      }
    }
  }
  CHECK(made > 100);
}

TEST_CASE("What makes no sense together is refused in a sentence that says what to do",
          "[models][zoo]") {
  CHECK(explains(refusal({.posterior = "categorical", .prior = "normal"}), "categories"));
  CHECK(explains(refusal({.prior = "uniform"}), "'uniform'"));
  CHECK(explains(refusal({.prior = "conductor"}), "conductor"));
  CHECK(explains(refusal({.family = "conductor", .prior = "mixture"}), "'conductor'"));
  CHECK(explains(refusal({.family = "conductor", .posterior = "planar"}), "'conductor'"));
  CHECK(explains(refusal({.posterior = "planar", .prior = "vamp"}), "'planar'"));
  CHECK(explains(refusal({.prior = "vamp", .kind = RowKind::kTokens}), "tokens"));
  CHECK(explains(refusal({.posterior = "coupling", .objective = "ae"}), "'ae'"));
  CHECK(explains(refusal({.prior = "mixture", .objective = "denoising"}), "'denoising'"));
  CHECK(explains(refusal({.prior = "fitted"}), "'fitted'"));
  CHECK(explains(refusal({.posterior = "categorical", .objective = "iwae"}), "'iwae'"));
  CHECK(explains(refusal({.family = "flat", .objective = "contractive"}), "Jacobian"));
  CHECK(explains(refusal({.objective = "contractive", .kind = RowKind::kTokens}), "tokens"));
  CHECK(explains(refusal({.family = "pca", .objective = "elbo"}), "'pca'"));
  auto parts = config_of({.posterior = "categorical"});
  parts.categories = 5;
  CHECK_THROWS_AS(validate(parts), ModelError);
  auto slots = config_of({});
  slots.rows_per_bar = 0;
  CHECK_THROWS_AS(validate(slots), ModelError);
  slots.rows_per_bar = 5665;
  CHECK_THROWS_AS(validate(slots), ModelError);
}

TEST_CASE("The estimate of weights covers posteriors and priors", "[models][zoo]") {
  for (const auto& choice :
       {Choice{.posterior = "planar"}, Choice{.posterior = "coupling"}, Choice{.prior = "mixture"},
        Choice{.prior = "vamp"}, Choice{.objective = "ae"}}) {
    const auto config = config_of(choice);
    std::int64_t weights = 0;
    for (const auto& parameter : make_model(config, seeded(1))->parameters()) {
      if (parameter.dim() > 1) weights += parameter.numel();
    }
    INFO(to_json(config).dump());
    CHECK(estimated_weights(config) >= weights);
    CHECK(estimated_weights(config) < 3 * weights);
  }
}
