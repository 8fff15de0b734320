#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "midi/live/player.hpp"
#include "midi/live/ports.hpp"
#include "tools/bench/bench.hpp"

// Measures how evenly a Player's messages arrive. They are sent through RtMidi to a port of this
// process and received there. A delay is counted from the least one, as the way itself takes the
// same time for all messages.
namespace musicvae::bench {
namespace {

constexpr int kVoices = 16;  // One voice on each channel.

struct LiveOptions {
  double seconds = 60;
  double quarters_per_minute = 480;
  int load = 0;
  bool json = false;
};

/// A chord of all voices on every quarter, held for half of it; each has another pitch than the
/// one before.
midi::Playback make_chords(const LiveOptions& options) {
  const double quarter = 60 / options.quarters_per_minute;
  const int chords = static_cast<int>(options.seconds / quarter);
  midi::Playback playback;
  for (int i = 0; i < chords; ++i) {
    const int pitch = 36 + i % 48;
    for (int voice = 0; voice < kVoices; ++voice) {
      playback.messages.push_back({midi::Seconds(i * quarter), midi::note_on(voice, pitch, 64)});
    }
    for (int voice = 0; voice < kVoices; ++voice) {
      playback.messages.push_back(
          {midi::Seconds((i + 0.5) * quarter), midi::note_off(voice, pitch)});
    }
  }
  playback.length = midi::Seconds(chords * quarter);
  return playback;
}

/// Threads that do nothing but work.
class Load {
 public:
  explicit Load(int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this] {
        while (!done_) {
        }
      });
    }
  }
  ~Load() {
    done_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

 private:
  std::atomic<bool> done_{false};
  std::vector<std::thread> threads_;
};

/// How many messages may come before the next new one. When a client is late, JACK repeats the
/// messages of some cycles.
constexpr std::ptrdiff_t kRepeated = 8 * kVoices;

/// Seconds from when each message was due to when it arrived. Messages that did not arrive are left
/// out, and those that arrived twice count once.
std::vector<double> delays(const midi::Playback& playback, midi::LiveClock::time_point start,
                           const std::vector<midi::TimedMessage>& received) {
  std::vector<double> delays;
  auto next = received.begin();
  for (const auto& scheduled : playback.messages) {
    const auto last = next + std::min(kRepeated, received.end() - next);
    const auto found = std::find_if(
        next, last, [&](const auto& candidate) { return candidate.message == scheduled.message; });
    if (found == last) continue;
    const std::chrono::duration<double> since_start = found->time - start;
    delays.push_back(since_start.count() - scheduled.time.count);
    next = found + 1;
  }
  return delays;
}

void add_percentiles(nlohmann::json& result, const std::string& name, std::vector<double> seconds,
                     double from) {
  std::sort(seconds.begin(), seconds.end());
  const auto percentile = [&](double share) {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(seconds.size() - 1));
    return 1e3 * (seconds.at(index) - from);
  };
  result[name + " median, ms"] = percentile(0.5);
  result[name + " 99 %, ms"] = percentile(0.99);
  result[name + " 99.9 %, ms"] = percentile(0.999);
  result[name + " most, ms"] = percentile(1);
}

void run(const LiveOptions& options) {
  const auto input = midi::open_input("virtual:bench");
  const auto output = midi::open_output("bench");
  const midi::Playback playback = make_chords(options);
  std::vector<midi::TimedMessage> received;
  received.reserve(playback.messages.size() + 64);
  midi::Player player(*output, playback);
  const auto start = midi::LiveClock::now() + std::chrono::milliseconds(100);
  {
    const Load load(options.load);
    player.start(start);
    while (!player.finished()) {
      while (const auto message = input->receive()) received.push_back(*message);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  while (const auto message = input->receive()) received.push_back(*message);
  const auto arrived = delays(playback, start, received);
  if (arrived.empty()) throw std::runtime_error("nothing arrived");
  nlohmann::json result = {{"messages", playback.messages.size()},
                           {"lost", playback.messages.size() - arrived.size()},
                           {"repeated", received.size() - arrived.size()}};
  add_percentiles(result, "sent late", {player.lateness().begin(), player.lateness().end()}, 0);
  add_percentiles(result, "jitter", arrived, *std::min_element(arrived.begin(), arrived.end()));
  print_result(result, {1, options.json});
}

}  // namespace

void setup_live(CLI::App& command) {
  auto options = std::make_shared<LiveOptions>();
  command.add_option("--seconds", options->seconds, "How long to play")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  command.add_option("--tempo", options->quarters_per_minute, "Chords of 16 a minute")
      ->check(CLI::Range(1.0, 10'000.0))
      ->capture_default_str();
  command.add_option("--load", options->load, "Threads that keep cores busy")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command.add_flag("--json", options->json, "Print one JSON object on standard output");
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::bench
