#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;
using Catch::Contains;

TEST_CASE("Torch's threads wait asleep unless the user says otherwise", "[e2e][threads]") {
  const auto spins = [](const std::string& environment) {
    const std::string text =
        shell("OMP_DISPLAY_ENV=verbose " + environment + " " MUSICVAE_PROGRAM " models").err;
    const std::string name = "GOMP_SPINCOUNT = '";
    const auto at = text.find(name);
    return at == text.npos ? ""
                           : text.substr(at + name.size(),
                                         text.find('\'', at + name.size()) - at - name.size());
  };
  if (spins("").empty()) return;  // Another library than libgomp.
  CHECK(spins("") == "2000");
  CHECK(spins("GOMP_SPINCOUNT=7") == "7");
  CHECK(spins("OMP_WAIT_POLICY=passive") == "0");
}

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
