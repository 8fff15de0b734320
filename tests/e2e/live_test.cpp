#include <future>
#include <map>

#include "midi/file/reader.hpp"
#include "midi/live/ports.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"
#include "tests/eventually.hpp"
#include "tests/jack_server.hpp"
#include "tests/midi/memory_port.hpp"

using namespace musicvae;
using namespace musicvae::test;
using Catch::Contains;

namespace {

const std::string kMinuet = "datasets/bundled/petzold-minuet-anh114.mid";
const std::string kOde = "datasets/bundled/ode-to-joy.mid";

/// Waits, in a script, until a line of `musicvae ports` contains `text`.
std::string wait_for_port(const std::string& text) {
  return "for i in $(seq 300); do musicvae ports | grep -q '" + text +
         "' && break; sleep 0.1; done\n";
}

const std::string kWaitForNote =
    "for i in $(seq 1000); do [ -e $heard ] && break; sleep 0.05; done; ";

/// Starts a recording in a script.
std::string record(const std::string& port, const std::string& file, const std::string& more) {
  return MUSICVAE_PROGRAM " record --port virtual:" + port + " -o " + file + " " + more +
         " & recorder=$!\n" + wait_for_port(port);
}

const std::string kEndRecording = "kill -INT $recorder; wait $recorder\n";

struct Heard {
  Outcome outcome;
  std::vector<midi::TimedMessage> messages;
};

/// Runs a script that plays to the port "ear", and listens there. Once a note has come, the file
/// that the script knows as `$heard` exists.
Heard listen_to(const std::string& script) {
  const Workspace work;
  const std::string file = work / "heard";
  const auto input = midi::open_input("virtual:ear");
  auto running =
      std::async(std::launch::async, [&] { return shell("heard=" + file + "\n" + script); });
  Heard heard;
  const auto listen = [&] {
    while (const auto message = input->receive()) {
      heard.messages.push_back(*message);
      if (message->message.is_note_on()) std::ofstream{file};
    }
  };
  while (running.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) listen();
  const auto rest = receive_all(*input, *midi::open_output("ear"));
  heard.messages.insert(heard.messages.end(), rest.begin(), rest.end());
  heard.outcome = running.get();
  return heard;
}

std::size_t count_note_ons(const std::vector<midi::TimedMessage>& messages) {
  return static_cast<std::size_t>(
      std::count_if(messages.begin(), messages.end(),
                    [](const midi::TimedMessage& m) { return m.message.is_note_on(); }));
}

struct Sounded {
  double seconds = 0;
  midi::Note note;
};

/// All notes of a file in the order in which a player sends them.
std::vector<Sounded> sounded(const std::string& file) {
  const midi::Score score = midi::read_midi_file(file).score;
  const midi::TempoMap tempo(score);
  std::vector<Sounded> notes;
  for (const midi::Track& track : score.tracks) {
    for (const midi::Note& note : track.notes)
      notes.push_back({tempo.seconds(note.onset).count, note});
  }
  const auto earlier = [](const Sounded& a, const Sounded& b) { return a.seconds < b.seconds; };
  std::stable_sort(notes.begin(), notes.end(), earlier);
  return notes;
}

using Voice = std::pair<int, int>;  // Channel and pitch.

std::map<Voice, std::vector<Sounded>> by_voice(const std::vector<Sounded>& notes) {
  std::map<Voice, std::vector<Sounded>> voices;
  for (const Sounded& sound : notes)
    voices[{sound.note.channel, sound.note.pitch}].push_back(sound);
  return voices;
}

/// When each of the notes that were played was recorded. Requires that they are the same notes.
std::vector<double> recorded_times(const std::vector<Sounded>& played,
                                   const std::vector<Sounded>& recorded) {
  REQUIRE(played.size() == recorded.size());
  auto voices = by_voice(recorded);
  std::map<Voice, std::size_t> next;
  std::vector<double> times;
  for (const Sounded& sound : played) {
    const Voice voice{sound.note.channel, sound.note.pitch};
    const std::size_t place = next[voice]++;
    REQUIRE(place < voices[voice].size());
    CHECK(voices[voice][place].note.velocity == sound.note.velocity);
    times.push_back(voices[voice][place].seconds);
  }
  return times;
}

}  // namespace

TEST_CASE("A file played through JACK and recorded again has the same notes in the same order",
          "[e2e][live]") {
  const JackServer server("playing and recording");
  if (!server.running()) return;
  const Workspace work;
  const std::string take = work / "take.mid";
  const auto outcome =
      shell(record("take", take, "-q") + "musicvae play -q --tempo-scale 4 --port take " + kMinuet +
            "; echo $? >&2\n" + kEndRecording);
  INFO(outcome.err);
  CHECK_THAT(outcome.err, Contains("0\nmusicvae: interrupted"));
  CHECK(outcome.code == 130);
  const auto times = recorded_times(sounded(kMinuet), sounded(take));
  CHECK_FALSE(times.empty());
  CHECK(std::is_sorted(times.begin(), times.end()));
}

TEST_CASE("A sample is piped into play", "[e2e][live]") {
  const JackServer server("playing a sample");
  if (!server.running()) return;
  const auto [outcome, messages] = listen_to(
      "set -o pipefail; musicvae sample -q --bars 1 --threads 1 --seed 3 -o - | musicvae play -q "
      "--tempo-scale 8 --port ear -");
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(count_note_ons(messages) > 0);
  CHECK(midi::testing::hanging_notes(messages) == 0);
}

TEST_CASE("Bars are chosen as musicians count them, and programs before them hold", "[e2e][live]") {
  const JackServer server("playing some bars");
  if (!server.running()) return;
  const auto whole = listen_to("musicvae play -q --port ear --to 4 --tempo-scale 10 " + kOde);
  const auto [outcome, messages] =
      listen_to("musicvae play -q --port ear --from 3 --to 4 --tempo-scale 10 " + kOde);
  INFO(whole.outcome.err << outcome.err);
  CHECK(whole.outcome.code == 0);
  CHECK(outcome.code == 0);
  CHECK(count_note_ons(messages) > 0);
  CHECK(count_note_ons(messages) < count_note_ons(whole.messages));
  CHECK((messages.front().message.status() & 0xF0) == 0xC0);
}

TEST_CASE("Ctrl-C while playing ends every note, and gives the program back", "[e2e][live]") {
  const JackServer server("Ctrl-C");
  if (!server.running()) return;
  for (const std::string signal : {"INT", "TERM", "HUP"}) {
    const auto [outcome, messages] =
        listen_to(MUSICVAE_PROGRAM " play --loop --port ear " + kMinuet + " & " + kWaitForNote +
                  "kill -" + signal + " $!; wait $!");
    CHECK(outcome.code == 130);
    CHECK_THAT(outcome.err, Contains("all notes are off"));
    CHECK(count_note_ons(messages) > 0);
    CHECK(midi::testing::hanging_notes(messages) == 0);
    CHECK((messages.back().message.status() & 0xF0) == 0xC0);
    CHECK(messages.back().message.bytes[1] == 0);
  }
}

TEST_CASE("Ctrl-Z ends every note and stops; continued, the music goes on", "[e2e][live]") {
  const JackServer server("Ctrl-Z");
  if (!server.running()) return;
  const auto [outcome, messages] = listen_to(
      MUSICVAE_PROGRAM " play -q --clock --to 4 --port ear " + kOde + " & " + kWaitForNote +
      "kill -TSTP $!; for i in $(seq 1000); do "
      "[[ $(ps -o stat= -p $!) == T* ]] && echo stopped && break; sleep 0.05; done; "
      "kill -CONT $!; wait $!");
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "stopped\n");
  const auto stop = std::find_if(messages.begin(), messages.end(), [](const auto& m) {
    return m.message == midi::real_time(midi::kClockStop);
  });
  const auto go_on = std::find_if(messages.begin(), messages.end(), [](const auto& m) {
    return m.message == midi::real_time(midi::kClockContinue);
  });
  REQUIRE(stop < go_on);
  CHECK(midi::testing::hanging_notes({messages.begin(), go_on}) == 0);
  CHECK(count_note_ons({go_on, messages.end()}) > 0);
  CHECK(midi::testing::hanging_notes(messages) == 0);
}

TEST_CASE("A destination that goes while it is played to is an error", "[e2e][live]") {
  const JackServer server("a port that disappears");
  if (!server.running()) return;
  const Workspace work;
  const std::string log = work / "log";
  const auto outcome = shell(
      record("gone", work / "take.mid", "-q") + MUSICVAE_PROGRAM " play --loop --port gone " +
      kMinuet + " 2> " + log + " & player=$!\nfor i in $(seq 1000); do grep -q 'playing to' " +
      log + " && break; sleep 0.05; done; kill -INT $recorder; wait $player; code=$?; cat " + log +
      " >&2; exit $code\n");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("gone' is gone"));
}

TEST_CASE("A server that goes ends playing and recording with errors, and what was played is kept",
          "[e2e][live]") {
  JackServer server("a server that goes");
  if (!server.running()) return;
  const Workspace work;
  auto running = std::async(std::launch::async, [&] {
    return shell(record("take", work / "take.mid", "-q") + "musicvae play --loop --port take " +
                 kMinuet + " 2> " + (work / "log") + "; echo $?; wait $recorder; echo $?");
  });
  REQUIRE(
      eventually([&] { return read_text(work / "log").find("playing to") != std::string::npos; }));
  const auto listener = midi::open_input("");
  REQUIRE(eventually([&] {
    const auto message = listener->receive();
    return message && message->message.is_note_on();
  }));
  server.stop();
  const auto outcome = running.get();
  INFO(outcome.err);
  CHECK(outcome.out == (work / "take.mid") + ": " + outcome.out.substr(outcome.out.find(": ") + 2));
  CHECK_THAT(outcome.out, Contains("1\n"));
  CHECK_THAT(outcome.err, Contains("is gone; what was played is kept"));
  CHECK_FALSE(sounded(work / "take.mid").empty());
}

TEST_CASE("A recording takes its tempo from a MIDI clock, and ends by itself", "[e2e][live]") {
  const JackServer server("recording by a clock");
  if (!server.running()) return;
  const Workspace work;
  const auto outcome =
      shell(record("take", work / "take.mid", "-q --bars 3 --tempo 50 --meter 4/4 --json") +
            "musicvae play -q --loop --clock --tempo-scale 1.5 --port take " + kOde +
            " & player=$!\nwait $recorder; code=$?; kill -INT $player; exit $code");
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["followed_clock"] == true);
  CHECK(double(outcome.json()["quarters_per_minute"]) != Approx(50));
  const midi::Score score = midi::read_midi_file(work / "take.mid").score;
  CHECK(midi::end_time(score) == midi::Ticks(3 * 4 * 480));
}

TEST_CASE("Where nothing is played no file is written", "[e2e][live]") {
  const JackServer server("an empty recording");
  if (!server.running()) return;
  const Workspace work;
  const auto late = program("record --port virtual:none --seconds 0.3 -o " + (work / "a.mid"));
  CHECK(late.code == 1);
  CHECK_THAT(late.err, Contains("nothing was played"));
  const auto interrupted =
      shell(record("none", work / "a.mid", "-q --count-in 1 --tempo 480") + kEndRecording);
  CHECK(interrupted.code == 1);
  CHECK_FALSE(std::filesystem::exists(work / "a.mid"));
}

TEST_CASE("A count-in is told and clicked, and the music starts after it", "[e2e][live]") {
  const JackServer server("a count-in");
  if (!server.running()) return;
  const Workspace work;
  const auto [outcome, messages] = listen_to(
      "musicvae record --port virtual:in --click ear --count-in 1 --meter 3/4 --tempo 240 "
      "--seconds 0.2 -o " +
      (work / "take.mid"));
  CHECK_THAT(outcome.err, Contains("count-in: 1\ncount-in: 2\ncount-in: 3\n"));
  CHECK(count_note_ons(messages) == 3);
  CHECK(midi::testing::hanging_notes(messages) == 0);
}

TEST_CASE("What cannot be played is an error before a sound is made", "[e2e][live]") {
  const auto fails = [](const std::string& arguments, int code, const std::string& message) {
    const auto outcome = program("play " + arguments);
    CHECK(outcome.code == code);
    CHECK_THAT(outcome.err, Contains(message));
  };
  fails("/nowhere.mid", 1, "/nowhere.mid");
  fails("--from 99 " + kOde, 1, "no bar 99");
  fails("--from 5 --to 4 " + kOde, 2, "--to 4");
  fails("--from 1 " + kOde + " " + kMinuet, 2, "name one");
  fails("--port nowhere " + kOde, 1, "no MIDI output");
}
