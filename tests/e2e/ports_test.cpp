#include "midi/live/ports.hpp"

#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"
#include "tests/jack_server.hpp"

using namespace musicvae::test;

TEST_CASE("ports answers on a machine without MIDI too, and in its answer alone", "[e2e][ports]") {
  const auto outcome = program("ports --json");
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.json()["backends"].is_array());
}

TEST_CASE("ports gives each port the number by which it opens", "[e2e][ports]") {
  const JackServer server("listing ports");
  if (!server.running()) return;
  const auto input = musicvae::midi::open_input("virtual:An in");
  const auto output = musicvae::midi::open_output("virtual:An out");
  const auto outcome = program("ports --json");
  CHECK(outcome.err.empty());
  const auto json = outcome.json();
  nlohmann::json inputs, outputs;
  for (const auto& backend : json["backends"]) {
    if (backend["backend"] != "Jack") continue;
    inputs = backend["inputs"];
    outputs = backend["outputs"];
    CHECK(backend["problem"] == "");
  }
  REQUIRE(inputs.size() == 1);
  REQUIRE(outputs.size() == 1);
  CHECK(inputs[0]["number"] == 0);
  CHECK(outputs[0]["number"] == 0);
  CHECK_THAT(inputs[0]["name"].get<std::string>(), Catch::Contains("An out"));
  CHECK_THAT(outputs[0]["name"].get<std::string>(), Catch::Contains("An in"));
}
