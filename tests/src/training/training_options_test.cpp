#include "src/training/training_options.hpp"

#include "src/base/error.hpp"
#include "tests/catch.hpp"

using namespace musicvae;

TEST_CASE("Training options survive JSON", "[src][options]") {
  for (const Preset& preset : presets()) {
    const auto json = to_json(preset.options);
    CHECK(to_json(training_options_from_json(json)) == json);
  }
}

TEST_CASE("Unknown keys, wrong types and senseless values are refused", "[src][options]") {
  auto json = to_json(TrainingOptions{});
  json["learning_rat"] = 0.1;
  CHECK_THROWS_AS(training_options_from_json(json), models::UnknownSetting);
  json.erase("learning_rat");
  json["learning_rate"] = "fast";
  CHECK_THROWS_AS(training_options_from_json(json), models::ModelError);
  json["learning_rate"] = -1;
  CHECK_THROWS_AS(training_options_from_json(json), models::ModelError);
}

TEST_CASE("The learning rate decays by its factor down to its floor", "[src][options]") {
  TrainingOptions options;
  options.learning_rate = 1e-3;
  options.learning_rate_decay = 0.5;
  options.min_learning_rate = 1e-4;
  CHECK(learning_rate(options, 0) == Approx(1e-3));
  CHECK(learning_rate(options, 1) == Approx(5e-4));
  CHECK(learning_rate(options, 100) == Approx(1e-4));
}

TEST_CASE("An unknown preset is refused with the names there are", "[src][options]") {
  CHECK_THROWS_WITH(find_preset("melody-3bar"), Catch::Contains("melody-16bar-small"));
}
