#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;

TEST_CASE("ports answers on a machine without MIDI too, and in its answer alone", "[e2e][ports]") {
  const auto outcome = program("ports --json");
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.json()["backends"].is_array());
}
