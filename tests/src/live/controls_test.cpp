#include "src/live/controls.hpp"

#include "tests/catch.hpp"

using namespace musicvae;
using Kind = ControlTarget::Kind;

TEST_CASE("A controller moves what it is mapped to, over its whole range", "[src][live]") {
  ControlSurface surface({{1, {Kind::kPosition}},
                          {2, {Kind::kTemperature}},
                          {21, {Kind::kDimension, 3}},
                          {22, {Kind::kVector, 0}},
                          {23, {Kind::kAttribute, 5}}},
                         {});
  std::vector<std::string> news;
  CHECK(surface.hear(midi::control_change(0, 1, 127), news));
  CHECK(surface.controls().position == 1);
  CHECK(surface.hear(midi::control_change(5, 2, 0), news));
  CHECK(surface.controls().temperature == 0);
  CHECK(surface.hear(midi::control_change(0, 21, 64), news));
  CHECK(surface.controls().dimensions.at(3) == 0);
  CHECK(surface.hear(midi::control_change(0, 21, 0), news));
  CHECK(surface.controls().dimensions.at(3) == -kFarthest);
  CHECK(surface.hear(midi::control_change(0, 22, 127), news));
  CHECK(surface.controls().vectors.at(0) == kMostVector);
  CHECK_FALSE(surface.controls().steers());
  CHECK(surface.hear(midi::control_change(0, 23, 0), news));
  CHECK(surface.controls().attributes.at(5) == -kMostAttribute);
  CHECK(surface.controls().steers());
  CHECK(news.empty());
}

TEST_CASE("The general purpose controllers move the first dimensions of few", "[src][live]") {
  CHECK(dimension_controllers(9).size() == 4);
  const auto two = dimension_controllers(2);
  REQUIRE(two.size() == 2);
  CHECK((two.at(16) == ControlTarget{Kind::kDimension, 0}));
  CHECK((two.at(17) == ControlTarget{Kind::kDimension, 1}));
}

TEST_CASE("A controller that moves nothing is told of once, other messages never", "[src][live]") {
  ControlSurface surface(default_controllers(), {});
  std::vector<std::string> news;
  CHECK_FALSE(surface.hear(midi::control_change(0, 74, 10), news));
  CHECK_FALSE(surface.hear(midi::control_change(0, 74, 11), news));
  CHECK_FALSE(surface.hear(midi::control_change(0, 123, 0), news));
  CHECK_FALSE(surface.hear(midi::note_on(0, 1, 64), news));
  REQUIRE(news.size() == 1);
  CHECK_THAT(news[0], Catch::Contains("controller 74"));
}
