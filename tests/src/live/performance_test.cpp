#include "src/live/performance.hpp"

#include "tests/catch.hpp"
#include "tests/src/live_time.hpp"

using namespace musicvae;
using test::moment;
using test::seconds_of;

namespace {

/// A performance at 120 quarters a minute in 4/4, whose bars last 2 s. Making a bar takes no
/// time, unless it is held up.
class Stage {
 public:
  explicit Stage(std::int64_t bars = 0)
      : session_(clock_, ControlSurface(default_controllers(), {}), 0, bars, compose(), play(),
                 say()) {}

  /// Time passes in steps of 10 ms.
  void run_to(double time) {
    for (; now_ < time; now_ += 0.01) {
      session_.step(moment(now_));
      while (!held && session_.composing()) session_.step(moment(now_));
    }
  }
  void move(double time, int controller, int value) {
    session_.hear({moment(time), midi::control_change(0, controller, value)});
  }

  const Performance& session() const { return session_; }
  std::vector<test::Played> played;
  std::vector<double> positions;  // The position that each bar was made with.
  std::vector<std::string> said;
  bool held = false;
  std::promise<void> release;

 private:
  Performance::Compose compose() {
    return [this](std::int64_t, const Controls& controls) {
      if (held) release.get_future().wait();
      positions.push_back(controls.position);
      return datasets::Passage{{4}, {{{4, 4}, datasets::Steps(16), {}}}};
    };
  }
  PlayAt play() {
    return [this](midi::Playback playback, BarClock::Time when) {
      played.push_back({std::move(playback), seconds_of(when)});
    };
  }
  Say say() {
    return [this](const std::string& line) { said.push_back(line); };
  }

  double now_ = 0;
  BarClock clock_{120, {4, 4}, moment(0)};
  Performance session_;
};

}  // namespace

TEST_CASE("Bars follow one another on the bar lines", "[src][live]") {
  Stage stage(3);
  stage.run_to(12);
  REQUIRE(stage.played.size() == 3);
  CHECK(stage.played[0].at == Approx(2));
  CHECK(stage.played[1].at == Approx(4));
  CHECK(stage.played[2].at == Approx(6));
  CHECK(stage.session().finished());
}

TEST_CASE("A controller's move is heard in the bar that follows, or the next", "[src][live]") {
  Stage stage;
  stage.run_to(6.5);
  stage.move(6.5, 1, 127);
  stage.run_to(7.999);  // The bar that starts at 8 s is made shortly before.
  REQUIRE(stage.positions.size() == 4);
  CHECK(stage.positions[2] == 0);
  CHECK(stage.positions[3] == 1);
  CHECK(stage.played[3].at == Approx(8));
  CHECK(stage.session().counts().moves == 1);
  CHECK(stage.session().counts().longest_to_sound == Approx(0.75).margin(0.01));
  CHECK(stage.session().counts().longest_to_making <= 1);
}

TEST_CASE("No move waits longer than a bar until a bar is made by it", "[src][live]") {
  Stage stage;
  for (int i = 0; i < 200; ++i) {
    stage.run_to(0.13 * i);
    stage.move(0.13 * i, 1, i % 128);
  }
  CHECK(stage.session().counts().longest_to_making > 0.5);
  CHECK(stage.session().counts().longest_to_making <= 1.01);
  CHECK(stage.session().counts().skipped_bars == 0);
}

TEST_CASE("A bar that is late is told of and comes on the next bar line", "[src][live]") {
  Stage stage;
  stage.run_to(5);
  stage.held = true;
  stage.run_to(8.5);
  CHECK(stage.played.size() == 2);
  CHECK(stage.session().counts().skipped_bars == 2);
  stage.release.set_value();
  REQUIRE(stage.said.size() == 2);
  CHECK_THAT(stage.said[0], Catch::Contains("skipped"));
  stage.held = false;
  stage.run_to(9);
  REQUIRE(stage.played.size() == 3);
  CHECK(stage.played[2].at == Approx(10));
}
