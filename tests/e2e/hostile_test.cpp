#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;
using Catch::Contains;

TEST_CASE("Long work asks first whether its output can be written", "[e2e][output]") {
  const Workspace work;
  const std::string nowhere = work / "nowhere/out.mid";
  const std::string piece = " datasets/bundled/folia.mid";
  for (const std::string& command : std::vector<std::string>{
           "record --port virtual:none --seconds 60 -o " + nowhere,
           "interpolate" + piece + piece + " -q --steps 1000 --bars 16 -o " + nowhere,
           "render" + piece + " --soundfont none -o " + nowhere,
           "sample -n 1000 --bars 64 -o /dev/null/out"}) {
    INFO(command);
    const auto outcome = program(command);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, Contains("/out"));
  }
}
