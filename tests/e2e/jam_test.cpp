#include <functional>
#include <future>

#include "midi/live/ports.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"
#include "tests/jack_server.hpp"
#include "tests/midi/memory_port.hpp"

using namespace musicvae;
using namespace musicvae::test;
using namespace std::chrono_literals;
using Catch::Contains;
using midi::LiveClock;

namespace {

const std::string kMinuet = "datasets/bundled/petzold-minuet-anh114.mid";
const std::string kOde = "datasets/bundled/ode-to-joy.mid";

/// Starts a session with the ports of Musician; options follow.
const std::string kLive = MUSICVAE_PROGRAM " live --input fingers --output ear --threads 1 ";

/// Somebody at a keyboard, who hears what is played.
class Musician {
 public:
  /// Runs `script`, and until it ends `play` once every `interval`.
  Outcome jam(const std::string& script, std::chrono::milliseconds interval,
              const std::function<void(Musician&)>& play) {
    auto running = std::async(std::launch::async, [&] { return shell(script); });
    for (auto next = LiveClock::now() + interval;
         running.wait_until(next) != std::future_status::ready; next += interval) {
      play(*this);
      listen();
    }
    const auto rest = receive_all(*ear_, *midi::open_output("ear"));
    heard_.insert(heard_.end(), rest.begin(), rest.end());
    return running.get();
  }

  void send(const midi::ShortMessage& message) { fingers_->send(message); }
  const std::vector<midi::TimedMessage>& heard() const { return heard_; }

 private:
  void listen() {
    while (const auto message = ear_->receive()) heard_.push_back(*message);
  }

  std::unique_ptr<midi::MidiOutput> fingers_ = midi::open_output("virtual:fingers");
  std::unique_ptr<midi::MidiInput> ear_ = midi::open_input("virtual:ear");
  std::vector<midi::TimedMessage> heard_;
};

}  // namespace

TEST_CASE("A call is answered, and no note hangs", "[e2e][live]") {
  const JackServer server("call and response");
  if (!server.running()) return;
  Musician musician;
  int pitch = 60;
  // Plays eighths at 120 quarters a minute.
  const auto outcome = musician.jam(
      kLive + "--bars 1 --lead 2 --answer reconstruct --temperature 0 --rounds 2 --json", 250ms,
      [&](Musician& self) {
        self.send(midi::note_off(0, pitch));
        pitch = pitch == 72 ? 60 : pitch + 1;
        self.send(midi::note_on(0, pitch, 80));
      });
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["answers"] == 2);
  CHECK_THAT(outcome.err, Contains("an answer of 1 bars"));
  CHECK(std::any_of(musician.heard().begin(), musician.heard().end(),
                    [](const auto& m) { return m.message.is_note_on(); }));
  CHECK(midi::testing::hanging_notes(musician.heard()) == 0);
}

TEST_CASE("Controllers move an endless music, and unknown ones are reported", "[e2e][live]") {
  const JackServer server("a performance");
  if (!server.running()) return;
  Musician musician;
  int value = 0;
  const auto outcome =
      musician.jam(kLive + "--interpolate " + kMinuet + " " + kOde +
                       " --meter 3/4 --tempo 180 --temperature 1 --rounds 1 --json",
                   50ms, [&](Musician& self) {
                     value = (value + 1) % 128;
                     self.send(midi::control_change(0, 1, value));
                     self.send(midi::control_change(0, 74, value));
                   });
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  const auto json = outcome.json();
  CHECK(json["bars"] == 16);  // One passage of the model in the box.
  CHECK(json["controller_moves"] > 0);
  CHECK_THAT(outcome.err, Contains("controller 74 moves nothing yet"));
  CHECK(musician.heard().size() > 8);
  CHECK(midi::testing::hanging_notes(musician.heard()) == 0);
}

TEST_CASE("Attributes that are named have controllers, and both say so", "[e2e][live]") {
  const JackServer server("controllers of attributes");
  if (!server.running()) return;
  const Workspace work;
  std::ofstream(work / "knobs.toml") << "position = 1\nrange = 102\n";
  const std::string call = kLive + "--interpolate " + kOde + " " + kMinuet +
                           " --tempo 120 --rounds 1 --seed 1 --json --attribute density=0";
  const auto notes = [&](const std::string& options, int controller, int value) {
    Musician musician;
    const auto outcome = musician.jam(call + options, 50ms, [&](Musician& self) {
      self.send(midi::control_change(0, controller, value));
    });
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    CHECK_THAT(outcome.err, Contains("controller 20: density"));
    CHECK(outcome.json()["controller_moves"] > 0);
    CHECK(midi::testing::hanging_notes(musician.heard()) == 0);
    if (options.empty()) CHECK_THAT(outcome.err, Contains("controller 1: from A"));
    if (!options.empty()) CHECK_THAT(outcome.err, Contains("controller 102: range"));
    return std::count_if(musician.heard().begin(), musician.heard().end(),
                         [](const auto& m) { return m.message.is_note_on(); });
  };
  const auto more = notes("", 20, 127), less = notes("", 20, 0);
  CHECK(more > less + 16);
  notes(" --controllers " + (work / "knobs.toml"), 102, 90);
}

TEST_CASE("A tuned model has four knobs, with which it plays and answers", "[e2e][live][tune]") {
  const JackServer server("a tuned model");
  if (!server.running()) return;
  const Workspace work;
  const std::string mine = work / "mine";
  REQUIRE(program("tune -q --steps 100 " + kOde + " " + kMinuet + " -o " + mine).code == 0);
  const auto pitches = [&](const std::string& options, int value) {
    Musician musician;
    int beat = 0;
    const auto outcome =
        musician.jam(kLive + "-q --json --seed 1 --tempo 180 --rounds 1 -m " + mine + options,
                     100ms, [&](Musician& self) {
                       for (const int knob : {16, 17, 18, 19}) {
                         self.send(midi::control_change(0, knob, value));
                       }
                       if (beat > 0) self.send(midi::note_off(0, 60 + beat % 5));
                       self.send(midi::note_on(0, 60 + ++beat % 5, 80));
                     });
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    CHECK(midi::testing::hanging_notes(musician.heard()) == 0);
    std::vector<int> heard;
    for (const auto& m : musician.heard()) {
      if (m.message.is_note_on()) heard.push_back(m.message.bytes[1]);
    }
    CHECK_FALSE(heard.empty());
    return heard;
  };
  const std::string between = " --interpolate " + kOde + " " + kMinuet;
  CHECK(pitches(between, 127) != pitches(between, 64));
  pitches(" --bars 2 --answer reconstruct", 100);
  const auto shown =
      program("live --threads 1 --input virtual:a --output virtual:b --rounds 1 -m " + mine +
              between + " --tempo 400");
  CHECK_THAT(shown.err,
             Contains("controller 16: dimension 0") && Contains("controller 19: dimension 3"));
}

TEST_CASE("Ctrl-C in the midst of endless music ends every note", "[e2e][live]") {
  const JackServer server("interrupting a performance");
  if (!server.running()) return;
  const Workspace work;
  Musician musician;
  const auto outcome = musician.jam(
      kLive + "--interpolate " + kMinuet + " " + kOde + " --tempo 60 --temperature 1 & live=$!\n" +
          "for i in $(seq 1000); do [ -e " + (work / "heard") +
          " ] && break; sleep 0.05; done; kill -INT $live; wait $live",
      20ms, [&](Musician& self) {
        if (midi::testing::hanging_notes(self.heard()) > 0) std::ofstream(work / "heard") << '!';
      });
  CHECK(outcome.code == 130);
  CHECK_THAT(outcome.err, Contains("all notes are off"));
  CHECK(midi::testing::hanging_notes(musician.heard()) == 0);
}

TEST_CASE("What live cannot do is said before anybody plays", "[e2e][live]") {
  const Workspace work;
  const auto fails = [](const std::string& options, int code, const std::string& message) {
    const auto outcome =
        program("live --threads 1 --input virtual:a --output virtual:b " + options);
    CHECK(outcome.code == code);
    CHECK_THAT(outcome.err, Contains(message));
  };
  const std::string between = "--interpolate " + kMinuet + " " + kOde + " --controllers ";
  std::ofstream(work / "knobs.toml") << "position = 1\nloudness = 2\n";
  std::ofstream(work / "twice.toml") << "position = 1\ntemperature = 1\n";
  std::ofstream(work / "far.toml") << "dimension-5000 = 1\n";
  std::ofstream(work / "half.toml") << "[dense]\ncontroller = 3\nmore = [\"" + kOde + "\"]\n";
  fails("--answer toward", 2, "--piece");
  fails("--answer inpaint -m lute-folk --meter 5/32", 1, "5/32");
  fails("--controllers " + (work / "knobs.toml"), 2, "'loudness'");
  fails("--attribute densty=1", 1, "density");
  fails("--attribute density", 2, "no request");
  std::ofstream(work / "taken.toml") << "position = 20\n";
  fails(between + (work / "taken.toml") + " --attribute density=1", 2, "no controller is left");
  fails(between + (work / "none.toml"), 2, "cannot read");
  fails(between + (work / "knobs.toml"), 2, "'loudness'");
  fails(between + (work / "twice.toml"), 2, "controller 1 is there twice");
  fails(between + (work / "half.toml"), 2, "[dense] needs two lists");
  fails(between + (work / "far.toml"), 1, "no latent dimension 5000");
}

#ifdef MUSICVAE_SOUND

TEST_CASE("play sounds through a synth of its own", "[e2e][live][render]") {
  const Workspace work;
  const auto outcome = shell("piece=$PWD/" + kOde + "; cd " + (work / "") +
                             "; musicvae play -q --synth --audio-driver file --to 2 $piece");
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  const std::string wav =
      read_text(work / "fluidsynth.wav");  // The audio driver's own choice of a name.
  CHECK(wav.size() > 100'000);
  CHECK(wav.find_first_not_of('\0', 1000) != std::string::npos);
}

TEST_CASE("A synth without audio says what there is", "[e2e][live][render]") {
  const auto outcome = program("play -q --synth --audio-driver gramophone " + kOde);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("no audio through gramophone"));
  CHECK_THAT(outcome.err, Contains("file"));
  CHECK(program("play -q --audio-driver file " + kOde).code == 2);
}

#endif
