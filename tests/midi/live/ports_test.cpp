#include "midi/live/ports.hpp"

#include <atomic>
#include <set>

#include "midi/live/player.hpp"
#include "tests/catch.hpp"
#include "tests/eventually.hpp"
#include "tests/jack_server.hpp"
#include "tests/midi/memory_port.hpp"

namespace musicvae::midi {
namespace {

using test::eventually;
using test::JackServer;
using test::receive_all;

/// Whether `call` throws a MidiError sooner or later.
template <class Call>
bool eventually_fails(Call call) {
  return eventually([&] {
    try {
      call();
      return false;
    } catch (const MidiError&) {
      return true;
    }
  });
}

/// Waits before it sends while too many messages have not been received: RtMidi drops what does not
/// fit into one cycle of JACK, some 2,700 messages, which a player that a busy machine made late
/// could exceed.
class PacedOutput : public MidiOutput {
 public:
  explicit PacedOutput(MidiOutput& output) : output_(output) {}

  std::string name() const override { return output_.name(); }
  void send(const ShortMessage& message) override {
    if (!eventually([this] { return sent_ - received_ < kMostInFlight; }))
      throw MidiError("what is sent does not arrive");
    output_.send(message);
    ++sent_;
  }
  void send_exclusive(std::string_view message) override { output_.send_exclusive(message); }
  void flush() override { output_.flush(); }

  void note_received() { ++received_; }

 private:
  static constexpr std::size_t kMostInFlight = 1000;

  MidiOutput& output_;
  std::size_t sent_ = 0;
  std::atomic<std::size_t> received_{0};
};

/// Opens and closes a port that others can connect to, and a connection to it.
void connect_and_disconnect(int cycles) {
  for (int i = 0; i < cycles; ++i) {
    const auto input = open_input("virtual:cycle");
    const auto output = open_output("cycle");
    output->send(note_on(0, 60, 1));
  }
  for (const auto& list : list_ports()) {
    CHECK(list.inputs.empty());
    CHECK(list.outputs.empty());
  }
}

TEST_CASE("Ports have numbers of their own, by which and by names they open", "[midi][ports]") {
  const JackServer server("opening ports");
  if (!server.running()) return;
  const auto a = open_input("virtual:First in");
  const auto b = open_input("virtual:Second in");
  const auto c = open_output("virtual:An out");
  std::set<int> numbers;
  for (const auto& list : list_ports()) {
    for (const auto& port : list.outputs) numbers.insert(port.number);
  }
  CHECK(numbers == std::set{0, 1});
  CHECK_THAT(open_output("second")->name(), Catch::Contains("Second in"));
  CHECK_THAT(open_output("0")->name(), Catch::Contains(" in"));
  CHECK_THAT(open_input("")->name(), Catch::Contains("An out"));
  CHECK_THROWS_WITH(open_output(""), Catch::Contains("First in") && Catch::Contains("Second in"));
  CHECK_THROWS_AS(open_output("third"), MidiError);
}

TEST_CASE("What is sent arrives whole, in order, and running on", "[midi][ports]") {
  const JackServer server("sending");
  if (!server.running()) return;
  const auto input = open_input("virtual:in");
  const auto output = open_output("in");
  const std::vector<ShortMessage> messages = {program_change(9, 3), note_on(9, 60, 100),
                                              real_time(kTimingClock), control_change(9, 64, 1),
                                              note_off(9, 60)};
  for (const auto& message : messages) output->send(message);
  const auto received = receive_all(*input, *output);
  REQUIRE(received.size() == messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) CHECK(received[i].message == messages[i]);
}

TEST_CASE("A flood of 50,000 messages arrives whole, and no note hangs", "[midi][ports]") {
  const JackServer server("a flood");
  if (!server.running()) return;
  const auto input = open_input("virtual:in");
  const auto output = open_output("in");
  Playback flood;
  for (int i = 0; i < 50'000; ++i) {
    const int pitch = i / 2 % 128;
    flood.messages.push_back(
        {Seconds(i / 50'000.0), i % 2 == 0 ? note_on(0, pitch, 1) : note_off(0, pitch)});
  }
  flood.length = Seconds(1);
  PacedOutput paced(*output);
  Player player(paced, flood);
  player.start();
  std::vector<TimedMessage> received;
  REQUIRE(eventually([&] {
    while (const auto message = input->receive()) {
      received.push_back(*message);
      paced.note_received();
    }
    return player.finished();
  }));
  const auto rest = receive_all(*input, *output);
  received.insert(received.end(), rest.begin(), rest.end());
  CHECK(received.size() == flood.messages.size() + 2);
  CHECK(input->losses().overflowed == 0);
  CHECK(testing::hanging_notes(received) == 0);
}

TEST_CASE("Ports that come and go leave nothing behind", "[midi][ports]") {
  const JackServer server("opening and closing ports");
  if (server.running()) connect_and_disconnect(10);
}

// It takes minutes, and runs only where its tag is asked for.
TEST_CASE("A thousand connections leave nothing behind", "[.stress]") {
  const JackServer server("opening and closing ports");
  if (server.running()) connect_and_disconnect(1000);
}

TEST_CASE("A destination that disappears is noticed while it is played to", "[midi][ports]") {
  const JackServer server("a port that disappears");
  if (!server.running()) return;
  auto input = open_input("virtual:in");
  const auto output = open_output("in");
  Playback notes;
  for (int i = 0; i < 1000; ++i) notes.messages.push_back({Seconds(i * 0.01), note_on(0, 60, 1)});
  notes.length = Seconds(10);
  Player player(*output, notes);
  player.start();
  CHECK_NOTHROW(output->check());
  input.reset();
  CHECK_THROWS_WITH(output->check(), Catch::Contains("is gone"));
  CHECK_THROWS_AS(output->send(note_on(0, 60, 1)), MidiError);
  CHECK(eventually_fails([&] { return player.finished(); }));
}

TEST_CASE("A server that goes is an error of both ends", "[midi][ports]") {
  JackServer server("a server that goes");
  if (!server.running()) return;
  const auto input = open_input("virtual:in");
  const auto output = open_output("in");
  server.stop();
  CHECK(eventually_fails([&] { output->check(); }));
  CHECK(eventually_fails([&] { input->check(); }));
  CHECK_THROWS_AS(output->send(note_on(0, 60, 1)), MidiError);
}

TEST_CASE("After its server a port can be asked for and others be closed", "[midi][ports]") {
  JackServer server("ports asked for after their server");
  if (!server.running()) return;
  {
    const auto input = open_input("virtual:in");
    const auto output = open_output("in");
    server.stop();
    CHECK(eventually_fails([&] { output->check(); }));
    CHECK_THROWS_AS(open_output("in"), MidiError);
    CHECK_THROWS_AS(input->check(), MidiError);
  }
  const JackServer another("ports after another server");
  CHECK_NOTHROW(open_input("virtual:in")->check());
}

}  // namespace
}  // namespace musicvae::midi
