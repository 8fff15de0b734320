#include "src/live/call_and_response.hpp"

#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/src/live_time.hpp"

using namespace musicvae;
using test::moment;
using test::seconds_of;

namespace {

/// A session at 120 quarters a minute in 4/4, whose bars last 2 s.
class Jam {
 public:
  explicit Jam(const CallOptions& options) : session_(clock_, options, respond(), play(), say()) {}

  void press(double time, int pitch) { session_.hear({moment(time), midi::note_on(0, pitch, 80)}); }
  void release(double time, int pitch) { session_.hear({moment(time), midi::note_off(0, pitch)}); }
  void strike(double time, int pitch) {
    press(time, pitch);
    release(time + 0.2, pitch);
  }
  void step(double time) { session_.step(moment(time)); }
  /// Steps at `time` until the answer has been made.
  void wait(double time) {
    while (session_.thinking() && played.empty()) step(time);
  }
  /// From now on, an answer comes only after release_answer().
  void hold_answers() { held_.emplace(); }
  void release_answer() { held_->set_value(); }

  const CallAndResponse& session() const { return session_; }
  std::vector<test::Played> played;
  std::vector<std::string> said;
  datasets::Passage call;  // The call that was answered last.
  bool fails = false;

 private:
  CallAndResponse::Respond respond() {
    return [this](const datasets::Passage& heard, int) {
      if (held_) held_->get_future().wait();
      if (fails) throw std::runtime_error("no answer");
      call = heard;
      return heard;
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

  BarClock clock_{120, {4, 4}, moment(0)};
  std::optional<std::promise<void>> held_;
  CallAndResponse session_;
};

}  // namespace

TEST_CASE("An answer starts on the bar line at which the call ends", "[src][live]") {
  Jam jam({.bars = 2, .lead = 1});
  jam.strike(10.0, 60);
  jam.strike(12.5, 64);
  jam.step(13.4);
  CHECK_FALSE(jam.session().thinking());
  jam.step(13.51);
  jam.wait(13.6);
  REQUIRE(jam.played.size() == 1);
  CHECK(jam.played[0].at == Approx(14));
  CHECK(jam.played[0].playback.length.count == Approx(4));
  REQUIRE(jam.call.bars.size() == 2);
  CHECK(jam.call.bars[0].notes.at(0).pitch == 60);
  CHECK(jam.call.bars[1].notes.at(0).onset == datasets::Steps(4));
}

TEST_CASE("A call that is heard to its end is answered a bar later", "[src][live]") {
  Jam jam({.bars = 1, .lead = 0});
  jam.strike(10.0, 60);
  jam.step(12.001);
  jam.wait(12.1);
  REQUIRE(jam.played.size() == 1);
  CHECK(jam.played[0].at == Approx(14));
}

TEST_CASE("An answer that is late skips bars, and it is told", "[src][live]") {
  Jam jam({.bars = 1, .lead = 1});
  jam.hold_answers();
  jam.strike(10.0, 60);
  jam.step(11.51);
  jam.step(12.001);
  jam.step(14.001);
  CHECK(jam.played.empty());
  CHECK(jam.session().counts().skipped_bars == 2);
  CHECK(jam.said.size() == 2);
  jam.release_answer();
  jam.wait(14.5);
  CHECK_THAT(jam.said.front(), Catch::Contains("skipped"));
  REQUIRE(jam.played.size() == 1);
  CHECK(jam.played[0].at == Approx(16));
}

TEST_CASE("Silence is no call, and calls go on after an answer", "[src][live]") {
  Jam jam({.bars = 1, .lead = 1, .rounds = 2});
  for (double time = 0; time < 9; time += 0.25) jam.step(time);
  CHECK(jam.said.empty());
  jam.strike(10.0, 60);
  jam.step(11.51);
  jam.wait(11.6);
  REQUIRE(jam.played.size() == 1);
  jam.strike(12.5, 72);  // The answer is playing.
  jam.step(13.9);
  CHECK_FALSE(jam.session().finished());
  jam.strike(13.95, 67);  // This is early for the bar that begins at 14 s.
  jam.played.clear();
  jam.step(15.51);
  jam.wait(15.6);
  REQUIRE(jam.played.size() == 1);
  CHECK(jam.played[0].at == Approx(16));
  REQUIRE(jam.call.bars[0].notes.size() == 1);
  CHECK(jam.call.bars[0].notes[0].pitch == 67);
  CHECK(jam.call.bars[0].notes[0].onset == datasets::Steps(0));
  jam.step(18);
  CHECK(jam.session().finished());
}

TEST_CASE("A call can last until nothing sounds for a bar", "[src][live]") {
  Jam jam({.until_silence = true, .lead = 1});
  jam.strike(10.0, 60);
  jam.step(11.9);
  jam.press(12.0, 62);
  jam.step(15.9);  // The key is held.
  CHECK_FALSE(jam.session().thinking());
  jam.release(16.0, 62);
  jam.step(17.9);
  CHECK_FALSE(jam.session().thinking());
  jam.step(18.1);
  jam.wait(18.1);
  REQUIRE(jam.played.size() == 1);
  CHECK(jam.call.bars.size() == 3);
  CHECK(jam.played[0].at == Approx(20));
}

TEST_CASE("What goes wrong in making an answer comes out of the session", "[src][live]") {
  Jam jam({.bars = 1, .lead = 1});
  jam.fails = true;
  jam.strike(10.0, 60);
  jam.step(11.51);
  CHECK_THROWS_WITH(jam.wait(11.6), "no answer");
}
