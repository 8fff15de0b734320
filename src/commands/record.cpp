#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "midi/file/writer.hpp"
#include "midi/live/ports.hpp"
#include "midi/live/recording.hpp"
#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/interrupt.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/common.hpp"

namespace musicvae::commands {
namespace {

using midi::LiveClock;
using DoubleSeconds = std::chrono::duration<double>;

constexpr std::chrono::milliseconds kPollInterval{10};
constexpr std::chrono::milliseconds kCheckInterval{250};
/// General MIDI's wood blocks, on the drum channel.
constexpr int kFirstClick = 76, kOtherClick = 77, kClickVelocity = 100;

struct RecordOptions {
  CommonOptions common;
  std::string port;
  std::string click_port;
  std::string output;
  std::string meter = "4/4";
  double tempo = 120;
  int count_in = 0;    // Bars.
  int bars = 0;        // 0: no end.
  double seconds = 0;  // 0: no end.
};

/// How a recording ended.
enum class Ending { kDone, kInterrupted, kPortLost };

class Session {
 public:
  Session(const RecordOptions& options, const midi::Meter& meter)
      : options_(options),
        meter_(meter),
        input_(for_flag("--port", [&] { return midi::open_input(options.port); })),
        recording_({options.tempo, meter}) {
    if (options.click_port.empty()) return;
    click_ = for_flag("--click", [&] { return midi::open_output(options.click_port); });
  }

  Ending record();
  midi::Score score() const { return recording_.score(end_); }
  bool followed_clock() const { return recording_.follows_clock(); }
  const std::string& problem() const { return problem_; }
  midi::InputLosses losses() const { return input_->losses(); }

 private:
  void count_in();
  void click(int beat);
  bool complete(LiveClock::time_point now);
  void take_messages();
  bool port_is_lost();
  void show();

  const RecordOptions& options_;
  const midi::Meter meter_;
  std::unique_ptr<midi::MidiInput> input_;
  std::unique_ptr<midi::MidiOutput> click_;
  midi::Recording recording_;
  LiveClock::time_point listening_since_;
  midi::Ticks end_;
  std::string problem_;
  Progress progress_{options_.common.verbosity()};
};

/// The music starts on the beat after the last click.
void Session::count_in() {
  const DoubleSeconds beat(60 / options_.tempo * 4 / meter_.denominator);
  const int beats = options_.count_in * meter_.numerator;
  const auto at = [beat, start = LiveClock::now()](int beats_later) {
    return start + std::chrono::duration_cast<LiveClock::duration>(beat * beats_later);
  };
  for (int i = 0; i < beats; ++i) {
    while (LiveClock::now() < at(i)) {
      if (InterruptGuard::requested()) return;
      std::this_thread::sleep_until(std::min(at(i), LiveClock::now() + kPollInterval));
    }
    click(i % meter_.numerator);
  }
  recording_.start(at(beats));
}

void Session::click(int beat) {
  log(options_.common, "count-in: " + std::to_string(beat + 1));
  if (!click_) return;
  const int pitch = beat == 0 ? kFirstClick : kOtherClick;
  click_->send(midi::note_on(midi::kDrumChannel, pitch, kClickVelocity));
  click_->send(midi::note_off(midi::kDrumChannel, pitch));
}

Ending Session::record() {
  if (options_.count_in > 0) count_in();
  log(options_.common, "recording from " + input_->name() + "; Ctrl-C ends it");
  listening_since_ = LiveClock::now();
  auto last_check = listening_since_;
  for (;;) {
    const bool interrupted = InterruptGuard::requested();
    take_messages();
    const auto now = LiveClock::now();
    if (complete(now)) return Ending::kDone;
    if (interrupted) return Ending::kInterrupted;
    if (now - last_check >= kCheckInterval) {
      if (port_is_lost()) return Ending::kPortLost;
      last_check = now;
    }
    show();
    std::this_thread::sleep_for(kPollInterval);
  }
}

void Session::take_messages() {
  while (const auto message = input_->receive()) recording_.add(*message);
}

/// Also notes where the music ends, as far as it has come.
bool Session::complete(LiveClock::time_point now) {
  const bool late =
      options_.seconds > 0 && now - listening_since_ >= DoubleSeconds(options_.seconds);
  end_ = recording_.end(now);
  const midi::Ticks wanted = recording_.bar_length() * options_.bars;
  if (options_.bars == 0 || end_ < wanted) return late;
  end_ = wanted;
  return true;
}

bool Session::port_is_lost() {
  try {
    input_->check();
    return false;
  } catch (const midi::MidiError& error) {
    problem_ = error.what();
    return true;
  }
}

/// Only where there is an end to come nearer to.
void Session::show() {
  const std::int64_t wanted = (recording_.bar_length() * options_.bars).count;
  if (wanted == 0 || !progress_.due()) return;
  progress_.update(static_cast<double>(end_.count) / static_cast<double>(wanted),
                   "bar " + std::to_string(end_.count / recording_.bar_length().count + 1) + ", " +
                       std::to_string(recording_.note_count()) + " notes");
}

void warn_of_losses(const midi::InputLosses& losses, const CommonOptions& common) {
  const auto warn = [&](std::size_t count, const std::string& what) {
    if (count > 0) log(common, "warning: " + std::to_string(count) + " " + what);
  };
  warn(losses.system_exclusive, "system exclusive messages were left out");
  warn(losses.broken, "bytes that belong to no message were left out");
  warn(losses.overflowed, "messages came too fast and were lost");
}

void report(const midi::Score& score, bool followed_clock, const RecordOptions& options) {
  const std::size_t notes = midi::note_count(score);
  const double seconds = midi::TempoMap(score).seconds(midi::end_time(score)).count;
  const double tempo = score.tempos.front().quarters_per_minute();
  if (options.common.json) {
    print_json({{"file", options.output},
                {"notes", notes},
                {"seconds", seconds},
                {"quarters_per_minute", tempo},
                {"followed_clock", followed_clock}});
  } else if (options.output != "-") {
    std::cout << options.output << ": " << notes << " notes, " << format_duration(seconds) << " at "
              << std::lround(tempo) << " quarters a minute"
              << (followed_clock ? ", by the MIDI clock\n" : "\n");
  }
}

void run(const RecordOptions& options) {
  check_output(options.output, options.common);
  const midi::Meter meter = parse_meter(options.meter);
  check_writable(options.output);
  const InterruptGuard interrupt;
  Session session(options, meter);
  const Ending ending = session.record();
  warn_of_losses(session.losses(), options.common);
  const midi::Score score = session.score();
  const std::string reason = ending == Ending::kPortLost ? session.problem() + "; " : "";
  if (midi::note_count(score) == 0) throw Error(reason + "nothing was played; no file was written");
  midi::write_midi_file(score, options.output);
  report(score, session.followed_clock(), options);
  if (ending == Ending::kInterrupted) throw Interrupted("interrupted; what was played is kept");
  if (ending == Ending::kPortLost) throw Error(reason + "what was played is kept");
}

}  // namespace

void setup_record(CLI::App& command) {
  auto options = std::make_shared<RecordOptions>();
  command.add_option("-o,--output", options->output, "MIDI file to write; - is standard output")
      ->required()
      ->type_name("FILE");
  command.add_option(
      "--port", options->port,
      "Input: a number or part of a name that ports shows, or virtual:NAME for a new "
      "one; the only one unless given");
  auto* bars = command
                   .add_option("--bars", options->bars,
                               "End after this many bars; without it Ctrl-C ends the recording")
                   ->check(between(1, 10'000));
  command.add_option("--seconds", options->seconds, "End after this many seconds")
      ->check(between(0.1, 86'400.0))
      ->excludes(bars);
  command.add_option("--tempo", options->tempo, "Quarters a minute; a MIDI clock goes first")
      ->check(between(4.0, 1000.0))
      ->capture_default_str();
  command.add_option("--meter", options->meter, "Meter, such as 3/4")->capture_default_str();
  command
      .add_option("--count-in", options->count_in,
                  "Bars to count before; without, the first note is the first beat")
      ->check(between(0, 16))
      ->capture_default_str();
  command.add_option("--click", options->click_port, "Output to play the count-in to")
      ->type_name("PORT");
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
