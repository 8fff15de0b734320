#include "models/config.hpp"

#include <limits>

#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

std::string refusal(const nlohmann::json& json) {
  try {
    config_from_json(json);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos;
}

nlohmann::json with(const std::string& pointer, const nlohmann::json& value) {
  auto json = to_json(ModelConfig{});
  json[nlohmann::json::json_pointer(pointer)] = value;
  return json;
}

}  // namespace

TEST_CASE("A config survives the way to JSON text and back", "[models][config]") {
  for (const auto& config : all_small_configs()) {
    CHECK(config_from_json(nlohmann::json::parse(to_json(config).dump())) == config);
  }
}

TEST_CASE("A config with a key missing, unknown or of another type is refused by name",
          "[models][config]") {
  const auto whole = to_json(ModelConfig{});
  for (const auto& [key, value] : whole.items()) {
    auto json = whole;
    json.erase(key);
    CHECK(says(refusal(json), "missing key " + key));
    CHECK(says(refusal(with("/" + key, nullptr)), key));
  }
  CHECK(says(refusal(with("/colour", 1)), "unknown key colour"));
  CHECK(says(refusal(with("/encoder/colour", 1)), "unknown key encoder.colour"));
  CHECK(says(refusal(with("/latent", 2.5)), "latent: expected a whole number"));
  CHECK(says(refusal(with("/row_kind", "words")), "tokens or bits"));
  CHECK(says(refusal(nlohmann::json::array()), "expected an object"));
}

TEST_CASE("A config cannot ask for absurd sizes", "[models][config]") {
  for (const auto* key :
       {"/row_width", "/control_width", "/bars", "/latent", "/decoder/layers", "/encoder/hidden",
        "/conductor/hidden", "/flows", "/categories", "/components", "/rows_per_bar"}) {
    for (const auto value : {std::int64_t{-1}, std::int64_t{1} << 20, std::int64_t{1} << 40,
                             std::numeric_limits<std::int64_t>::min()}) {
      CHECK_FALSE(refusal(with(key, value)).empty());
    }
    CHECK_FALSE(refusal(with(key, std::numeric_limits<std::uint64_t>::max())).empty());
  }
  ModelConfig big;
  big.decoder = {16, 8192};
  CHECK(says(refusal(to_json(big)), "weights"));
}

TEST_CASE("The estimate of weights is no less than a model's and not far from it",
          "[models][config]") {
  for (auto config : all_small_configs()) {
    config.encoder.hidden = config.conductor.hidden = config.decoder.hidden = 64;
    config.latent = 66;
    std::int64_t weights = 0;
    for (const auto& parameter : make_model(config, seeded(1))->parameters()) {
      if (parameter.dim() > 1) weights += parameter.numel();
    }
    CHECK(estimated_weights(config) >= weights);
    CHECK(estimated_weights(config) < 3 * weights);
  }
}

TEST_CASE("A file that says nothing of posterior, prior and objective is a plain VAE's",
          "[models][config]") {
  const auto old = config_from_json(to_json(ModelConfig{}));
  CHECK(old.posterior == "gaussian");
  CHECK(resolved(old).prior == "normal");
  CHECK(resolved(old).objective == "elbo");
  CHECK(to_json(resolved(old)) == to_json(old));
  CHECK_FALSE(to_json(old).contains("prior"));
  ModelConfig conductor = small_config("conductor", RowKind::kBits);
  CHECK(resolved(conductor).prior == "conductor");
  CHECK(to_json(resolved(conductor)) == to_json(conductor));
}

TEST_CASE("The sizes of the MusicVAE paper are allowed", "[models][config]") {
  ModelConfig config;
  config.latent = 512;
  config.encoder = {2, 2048};
  config.decoder = {3, 2048};
  config.conductor = {2, 1024};
  CHECK_NOTHROW(validate(config));
}
