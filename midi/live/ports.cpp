#include "midi/live/ports.hpp"

#include <RtMidi.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "midi/live/jack_watch.hpp"
#include "midi/live/message_decoder.hpp"
#include "midi/live/message_queue.hpp"

namespace musicvae::midi {
namespace {

constexpr const char* kClientName = "musicvae";
constexpr std::string_view kVirtual = "virtual:";

/// Why a backend cannot work, as far as can be seen; empty where it may. RtMidi prints to standard
/// error before it fails, so such a backend is not tried.
std::string known_problem(RtMidi::Api api) {
  if (api == RtMidi::LINUX_ALSA && ::access("/dev/snd/seq", R_OK | W_OK) != 0) {
    return "/dev/snd/seq: " + std::generic_category().message(errno) +
           "; the ALSA sequencer is the kernel module snd-seq, open to the group audio";
  }
  if (api == RtMidi::UNIX_JACK && !shared_jack_watch()->has_server())
    return "no JACK server is running";
  return {};
}

/// The backends in the order of list_ports().
std::vector<RtMidi::Api> backends() {
  std::vector<RtMidi::Api> apis;
  RtMidi::getCompiledApi(apis);
  std::erase(apis, RtMidi::RTMIDI_DUMMY);
  return apis;
}

/// JACK's watch, null for other backends. A client may be opened or closed as soon as this returns.
std::shared_ptr<JackWatch> ready_watch(RtMidi::Api api) {
  if (api != RtMidi::UNIX_JACK) return nullptr;
  auto watch = shared_jack_watch();
  watch->catch_up();
  return watch;
}

/// An RtMidiIn or RtMidiOut whose complaints are collected rather than printed or thrown.
template <class Rt>
class Client {
 public:
  /// Throws RtMidiError.
  explicit Client(RtMidi::Api api, const char* name = kJackWatchName)
      : watch_(ready_watch(api)), rt_(std::make_unique<Rt>(api, name)) {
    const auto collect = [](RtMidiError::Type, const std::string& text, void* problem) {
      *static_cast<std::string*>(problem) = text;
    };
    rt_->setErrorCallback(collect, &problem_);
    connect();
  }
  /// RtMidi would close its client, so one that libjack has freed is kept to the end of the
  /// process.
  ~Client() {
    static auto& kept = *new std::vector<std::unique_ptr<Rt>>;
    if (freed()) {
      kept.push_back(std::move(rt_));
    } else if (watch_) {
      watch_->catch_up();
    }
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Rt* operator->() { return rt_.get(); }
  const std::string& problem() const { return problem_; }
  bool freed() const { return watch_ && era_.over(); }
  /// Null for backends other than JACK.
  JackWatch* watch() const { return watch_.get(); }

  std::vector<std::string> names() {
    std::vector<std::string> names;
    const unsigned int count = rt_->getPortCount();
    for (unsigned int i = 0; i < count; ++i) names.push_back(rt_->getPortName(i));
    return names;
  }

 private:
  /// Where RtMidi could not connect, it tries again when it is asked for its ports.
  void connect() {
    rt_->getPortCount();
    for (int attempt = 1; attempt < kJackAttempts && !problem_.empty(); ++attempt) {
      std::this_thread::sleep_for(kJackCycles);
      problem_.clear();
      if (watch_) watch_->catch_up();
      rt_->getPortCount();
    }
  }

  std::shared_ptr<JackWatch> watch_;
  const JackEra era_;
  std::string problem_;
  std::unique_ptr<Rt> rt_;
};

template <class Rt>
void add_names(RtMidi::Api api, int& number, std::vector<PortName>& ports, std::string& problem) {
  Client<Rt> client(api);
  for (const std::string& name : client.names()) ports.push_back({number++, name});
  if (!client.problem().empty()) problem = client.problem();
}

PortList list_backend(RtMidi::Api api, int& input_number, int& output_number) {
  PortList list;
  list.backend = RtMidi::getApiDisplayName(api);
  list.problem = known_problem(api);
  if (!list.problem.empty()) return list;
  try {
    add_names<RtMidiIn>(api, input_number, list.inputs, list.problem);
    add_names<RtMidiOut>(api, output_number, list.outputs, list.problem);
  } catch (const RtMidiError& error) {
    list.problem = error.getMessage();
  }
  return list;
}

template <class Rt>
constexpr bool kIsInput = std::is_same_v<Rt, RtMidiIn>;

/// The port that a user's choice leads to.
struct Place {
  RtMidi::Api api;
  std::string name;
  std::optional<unsigned int> index;  ///< RtMidi's number; none for a new port.
};

std::string describe_problems(const std::vector<PortList>& lists) {
  std::string text;
  for (const PortList& list : lists) {
    if (!list.problem.empty()) text += "\n  " + list.backend + ": " + list.problem;
  }
  return text;
}

Place find_virtual_place(const std::string& name) {
  std::string problems;
  for (const RtMidi::Api api : backends()) {
    const bool able = api != RtMidi::WINDOWS_MM;
    const std::string problem = able ? known_problem(api) : "knows no virtual ports";
    if (problem.empty()) return {api, name, std::nullopt};
    problems += "\n  " + RtMidi::getApiDisplayName(api) + ": " + problem;
  }
  throw MidiError("cannot make the port '" + name + "':" + problems);
}

template <class Rt>
Place find_place(const std::string& choice) {
  if (choice.starts_with(kVirtual)) return find_virtual_place(choice.substr(kVirtual.size()));
  std::vector<PortName> ports;
  std::vector<Place> places;
  const auto lists = list_ports();
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const auto& listed = kIsInput<Rt> ? lists[i].inputs : lists[i].outputs;
    for (const PortName& port : listed) {
      places.push_back(
          {backends()[i], port.name, static_cast<unsigned int>(&port - listed.data())});
      ports.push_back(port);
    }
  }
  try {
    const char* const what = kIsInput<Rt> ? "MIDI input" : "MIDI output";
    return places[static_cast<std::size_t>(choose_port(ports, choice, what).number)];
  } catch (const MidiError& error) {
    throw MidiError(error.what() + describe_problems(lists));
  }
}

/// An open port, and a second client that looks after it.
template <class Rt>
class OpenPort {
 public:
  explicit OpenPort(const Place& place)
      : place_(place), client_(place.api, kClientName), lister_(place.api) {
    require();
    require_no_problem();
    if (!lister_.problem().empty()) fail(lister_.problem());
  }

  /// Call it once, when what the port calls back is set.
  void open() {
    if (!place_.index) {
      client_->openVirtualPort(place_.name);
    } else if (client_->getPortName(*place_.index) == place_.name) {
      client_->openPort(*place_.index, kIsInput<Rt> ? "input" : "output");
    } else {
      throw MidiError("the ports have changed since they were listed; try again");
    }
    require_no_problem();
  }

  void close() {
    if (client_.watch()) client_.watch()->settle();
    if (!client_.freed()) client_->closePort();
  }

  Rt* operator->() { return client_.operator->(); }
  const std::string& name() const { return place_.name; }
  RtMidi::Api api() const { return place_.api; }

  void require() const {
    if (lost_ || (client_.watch() && !client_.watch()->has_server()))
      throw MidiError("the MIDI port '" + place_.name + "' is gone");
  }

  void require_no_problem() const {
    if (!client_.problem().empty()) fail(client_.problem());
  }

  void check() {
    require();
    if (place_.index) {
      const auto names = lister_.names();
      lost_ = std::find(names.begin(), names.end(), place_.name) == names.end();
    }
    require();
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw MidiError("the MIDI port '" + place_.name + "' failed: " + problem);
  }

  Place place_;
  Client<Rt> client_;
  Client<Rt> lister_;  // Lists ports, while another thread uses client_.
  std::atomic<bool> lost_{false};
};

class RtMidiOutput : public MidiOutput {
 public:
  explicit RtMidiOutput(const Place& place) : port_(place) {
    port_.open();
    flush();  // A connection carries from the next cycle on.
  }
  /// Waits for a cycle after the port is closed: RtMidi frees the memory that it sends from, and
  /// JACK's thread may read there until it has seen that the port is closed.
  ~RtMidiOutput() override {
    port_.close();
    flush();
  }

  std::string name() const override { return port_.name(); }
  void check() override { port_.check(); }

  void send(const ShortMessage& message) override {
    port_.require();
    port_->sendMessage(message.bytes.data(), message.size);
    port_.require_no_problem();
  }

  void send_exclusive(std::string_view message) override {
    port_.require();
    port_->sendMessage(reinterpret_cast<const unsigned char*>(message.data()), message.size());
    port_.require_no_problem();
  }

  void flush() override {
    if (port_.api() == RtMidi::UNIX_JACK) std::this_thread::sleep_for(kJackCycles);
  }

 private:
  OpenPort<RtMidiOut> port_;
};

class RtMidiInput : public MidiInput {
 public:
  explicit RtMidiInput(const Place& place) : port_(place) {
    port_->ignoreTypes(false, false, true);  // All but active sensing.
    port_->setCallback(take, this);
    port_.open();
  }
  ~RtMidiInput() override { port_.close(); }

  std::string name() const override { return port_.name(); }
  std::optional<TimedMessage> receive() override { return queue_.pop(); }
  void check() override { port_.check(); }
  InputLosses losses() const override { return {system_exclusive_, broken_, queue_.overflowed()}; }

 private:
  /// In RtMidi's thread. What a backend hands on need not be one message, or one at all.
  static void take(double, std::vector<unsigned char>* bytes, void* input) {
    auto& self = *static_cast<RtMidiInput*>(input);
    const auto now = LiveClock::now();
    for (const unsigned char byte : *bytes) {
      if (const auto message = self.decoder_.add(byte)) self.queue_.push({now, *message});
    }
    self.system_exclusive_ = self.decoder_.system_exclusive();
    self.broken_ = self.decoder_.broken();
  }

  MessageDecoder decoder_;
  MessageQueue queue_;
  std::atomic<std::size_t> system_exclusive_{0};
  std::atomic<std::size_t> broken_{0};
  OpenPort<RtMidiIn> port_;  // Last, so that nothing is called back once the others are gone.
};

template <class Port, class Rt>
std::unique_ptr<Port> open(const std::string& choice) {
  const auto same_for_all = shared_jack_watch();
  const Place place = find_place<Rt>(choice);
  try {
    return std::make_unique<Port>(place);
  } catch (const RtMidiError& error) {
    throw MidiError("cannot open the MIDI port '" + place.name + "': " + error.getMessage());
  }
}

}  // namespace

std::vector<PortList> list_ports() {
  const auto same_for_all = shared_jack_watch();
  int input_number = 0, output_number = 0;
  std::vector<PortList> lists;
  for (const RtMidi::Api api : backends())
    lists.push_back(list_backend(api, input_number, output_number));
  return lists;
}

std::unique_ptr<MidiOutput> open_output(const std::string& choice) {
  return open<RtMidiOutput, RtMidiOut>(choice);
}

std::unique_ptr<MidiInput> open_input(const std::string& choice) {
  return open<RtMidiInput, RtMidiIn>(choice);
}

}  // namespace musicvae::midi
