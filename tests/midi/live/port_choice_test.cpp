#include "midi/live/port_choice.hpp"

#include "midi/error.hpp"
#include "tests/catch.hpp"

namespace musicvae::midi {
namespace {

using Catch::Contains;

const std::vector<PortName> kPorts = {{0, "Midi Through"}, {1, "Synth A"}, {2, "Synth A (2)"}};

int choose(const std::string& choice, const std::vector<PortName>& ports = kPorts) {
  return choose_port(ports, choice, "MIDI output").number;
}

TEST_CASE("A port is chosen by number or by part of its name in any case", "[midi][port_choice]") {
  CHECK(choose("2") == 2);
  CHECK(choose("through") == 0);
  CHECK(choose("a (2") == 2);
}

TEST_CASE("A whole name goes before a part of another", "[midi][port_choice]") {
  CHECK(choose("synth a") == 1);
}

TEST_CASE("Without a choice the only port is taken", "[midi][port_choice]") {
  CHECK(choose("", {{0, "One"}}) == 0);
  CHECK_THROWS_WITH(choose(""), Contains("several") && Contains("1  Synth A"));
}

TEST_CASE("A choice that names none or several is an error with what there is",
          "[midi][port_choice]") {
  CHECK_THROWS_WITH(choose("piano"), Contains("'piano'") && Contains("0  Midi Through"));
  CHECK_THROWS_WITH(choose("synth"), Contains("2  Synth A (2)") && !Contains("Through"));
  CHECK_THROWS_WITH(choose("3"), Contains("'3'"));
  CHECK_THROWS_WITH(choose("", {}), Contains("no MIDI output") && Contains("virtual:NAME"));
}

}  // namespace
}  // namespace musicvae::midi
