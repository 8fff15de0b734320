#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include "midi/live/ports.hpp"
#include "src/base/error.hpp"
#include "src/base/interrupt.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/making/live_controls.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/live_output.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/live/answers.hpp"
#include "src/live/call_and_response.hpp"
#include "src/live/latent_instrument.hpp"
#include "src/live/live_guard.hpp"
#include "src/live/performance.hpp"
#include "src/live/play_queue.hpp"
#include "src/music/palette/tuning.hpp"

namespace musicvae::commands {
namespace {

using midi::LiveClock;

constexpr std::chrono::milliseconds kPollInterval{1};
constexpr std::chrono::milliseconds kCheckInterval{250};

struct LiveOptions {
  CommonOptions common;
  ModelOptions model;
  std::string input;
  OutputOptions output;
  double tempo = 120;
  std::string meter = "4/4";
  CallOptions call;
  AnswerOptions answer;
  SamplingRequest sampling;
  std::string piece;
  std::vector<std::string> ends;  // The two files of --interpolate.
  LiveControlInput controls;
  BarOptions bar_lines;
};

/// Ports, clock and queue: what both ways of playing live stand on.
struct Stage {
  explicit Stage(const LiveOptions& options)
      : input(for_flag("--input", [&] { return midi::open_input(options.input); })),
        output(open_output(options.output)),
        clock(options.tempo, parse_meter(options.meter), LiveClock::now()),
        queue(*output) {}

  const InterruptGuard interrupt;
  const LiveGuard guard;
  std::unique_ptr<midi::MidiInput> input;
  std::unique_ptr<midi::MidiOutput> output;
  BarClock clock;
  PlayQueue queue;

  PlayAt play() {
    return [this](midi::Playback playback, LiveClock::time_point when) {
      queue.add(std::move(playback), when);
    };
  }
};

Say say(const LiveOptions& options) {
  return [&options](const std::string& line) { log(options.common, line); };
}

/// Ctrl-Z: silent while the program is stopped.
void stop_for_a_while(PlayQueue& queue) {
  queue.stop();
  LiveGuard::stop();
}

/// Runs the session until it ends by itself (true) or the user ends it (false).
template <class Session>
bool attend(Stage& stage, Session& session) {
  while (stage.input->receive()) {
    // It was played while the session was made ready, and is old by now.
  }
  auto last_check = LiveClock::now();
  while (!session.finished() || !stage.queue.empty()) {
    if (InterruptGuard::requested()) return false;
    if (LiveGuard::stop_requested()) stop_for_a_while(stage.queue);
    while (const auto message = stage.input->receive()) {
      stage.clock.add(*message);
      session.hear(*message);
    }
    const auto now = LiveClock::now();
    session.step(now);
    stage.queue.step();
    if (now - last_check >= kCheckInterval) {
      stage.input->check();
      stage.output->check();
      last_check = now;
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

void end(Stage& stage, bool by_itself) {
  stage.queue.stop();
  if (!by_itself) throw Interrupted("interrupted; all notes are off");
}

void report(const LiveOptions& options, const CallCounts& counts) {
  if (options.common.json) {
    print_json({{"answers", counts.answers},
                {"skipped_bars", counts.skipped_bars},
                {"longest_thought_seconds", counts.longest_thought}});
    return;
  }
  char line[128];
  std::snprintf(line, sizeof line, "%d answers, %d bars skipped, %.2f s for the slowest answer",
                counts.answers, counts.skipped_bars, counts.longest_thought);
  log(options.common, line);
}

void report(const LiveOptions& options, const PerformanceCounts& counts, double seconds_per_bar) {
  if (options.common.json) {
    print_json({{"bars", counts.bars},
                {"skipped_bars", counts.skipped_bars},
                {"controller_moves", counts.moves},
                {"latency",
                 {{"bars_to_making", counts.longest_to_making},
                  {"bars_to_sound", counts.longest_to_sound},
                  {"seconds_to_sound", counts.longest_to_sound * seconds_per_bar}}}});
    return;
  }
  char line[160];
  std::snprintf(line, sizeof line,
                "%lld bars, %d skipped; a controller's move was taken up after at most %.2f bars "
                "and heard after %.2f (%.2f s)",
                static_cast<long long>(counts.bars), counts.skipped_bars, counts.longest_to_making,
                counts.longest_to_sound, counts.longest_to_sound * seconds_per_bar);
  log(options.common, line);
}

datasets::Passage load_music(const MusicVae& model, const std::string& file,
                             const LiveOptions& options) {
  return load_for(model.codec(), file, options.bar_lines, options.common).piece.music;
}

std::vector<Latent> vectors_of(const MusicVae& model, const LiveControls& controls,
                               const LiveOptions& options) {
  std::vector<Latent> vectors;
  for (const VectorFiles& files : controls.vectors()) {
    AttributeExamples examples;
    for (const auto& file : files.more) examples.more.push_back(load_music(model, file, options));
    for (const auto& file : files.less) examples.less.push_back(load_music(model, file, options));
    vectors.push_back(attribute_vector(model, examples));
  }
  return vectors;
}

/// Throws where a controller is mapped to what the model does not have, before anybody moves it.
void check_controllers(const MusicVae& model, const std::vector<Latent>& vectors,
                       const ControllerMap& map) {
  Controls all;
  for (const auto& [controller, target] : map) all.move(target, 64);
  moved_by(all, vectors, Latent(static_cast<std::size_t>(model.latent_size())));
}

/// The controllers of a model that has few dimensions to turn.
ControllerMap own_controllers(const MusicVae& model) {
  return is_tuned(model) ? dimension_controllers(model.latent_size()) : ControllerMap{};
}

void show(const LiveControls& controls, const LiveOptions& options) {
  for (const std::string& line : controls.lines()) log(options.common, line);
}

/// Answers as controllers stand when each is made.
class Answering {
 public:
  Answering(const MusicVae& model, const LiveControls& controls, AnswerOptions answering)
      : model_(model),
        controls_(controls),
        answering_(std::move(answering)),
        surface_(controls.map(), start()) {}

  /// Called by the thread that listens.
  void hear(const midi::ShortMessage& message) {
    std::vector<std::string> news;  // A wheel that moves nothing here belongs to the musician.
    const std::lock_guard lock(mutex_);
    surface_.hear(message, news);
  }

  /// Called by the thread that makes answers.
  datasets::Passage respond(const datasets::Passage& call, int round) {
    AnswerOptions own = answering_;
    {
      const std::lock_guard lock(mutex_);
      own.controls = surface_.controls();
    }
    own.amount = own.controls.position;
    own.generation.temperature = own.controls.temperature;
    auto music = for_flag("--answer", [&] { return answer(model_, call, round, own); });
    if (!own.controls.steers()) return music;
    const auto requests = controls_.requests(own.controls);
    return Steering(model_, controls_.attributes(), requests, own.generation.seed)(music);
  }

 private:
  Controls start() const {
    Controls start;
    start.position = answering_.amount;
    start.temperature = answering_.generation.temperature;
    start.attributes = controls_.start();
    return start;
  }

  const MusicVae& model_;
  const LiveControls& controls_;
  const AnswerOptions answering_;
  std::mutex mutex_;
  ControlSurface surface_;
};

/// Calls and answers, and the controllers that are moved meanwhile.
struct ControlledCalls {
  Answering& answering;
  CallAndResponse& calls;

  void hear(const midi::TimedMessage& message) {
    answering.hear(message.message);
    calls.hear(message);
  }
  void step(LiveClock::time_point now) { calls.step(now); }
  bool finished() const { return calls.finished(); }
};

void respond_to_calls(LiveOptions options) {
  const MusicVae model = load_model(options.model, options.common);
  const LiveControls controls(options.controls, own_controllers(model), options.model, model);
  options.answer.generation = generation_of(options.sampling, model);
  if (!options.piece.empty()) options.answer.piece = load_music(model, options.piece, options);
  options.answer.vectors = vectors_of(model, controls, options);
  check_controllers(model, options.answer.vectors, controls.map());
  options.call.grid = model.codec().grid();
  Answering answering(model, controls, options.answer);
  const auto respond = [&](const datasets::Passage& call, int round) {
    return answering.respond(call, round);
  };
  // One answer for nobody: the first takes longest, and what cannot work fails before anybody
  // plays.
  respond(make_layout(model.codec(), parse_meter(options.meter), options.call.bars), 0);
  Stage stage(options);
  CallAndResponse session(stage.clock, options.call, respond, stage.play(), say(options));
  ControlledCalls controlled{answering, session};
  show(controls, options);
  log(options.common, "listening to " + stage.input->name() + ", answering to " +
                          stage.output->name() + "; Ctrl-C ends it");
  const bool by_itself = attend(stage, controlled);
  report(options, session.counts());
  end(stage, by_itself);
}

/// Seconds that the last bar of a passage takes to make, which is the slowest, with all attributes
/// moved that can be. The very first bar made does not count, as it takes longer still.
double time_of_bar(const LatentInstrument& instrument, int passage_bars, Controls controls,
                   const ControllerMap& map) {
  for (const auto& [controller, target] : map) {
    if (target.kind == ControlTarget::Kind::kAttribute) controls.move(target, 127);
  }
  instrument.bar(0, controls);
  const auto start = LiveClock::now();
  instrument.bar(passage_bars - 1, controls);
  return std::chrono::duration<double>(LiveClock::now() - start).count();
}

ControllerMap controllers_between(const MusicVae& model) {
  auto map = own_controllers(model);
  map.merge(default_controllers());
  return map;
}

void perform(const LiveOptions& options) {
  const MusicVae model = load_model(options.model, options.common);
  const auto controls = std::make_shared<const LiveControls>(
      options.controls, controllers_between(model), options.model, model);
  const auto vectors = vectors_of(model, *controls, options);
  check_controllers(model, vectors, controls->map());
  LatentInstrument instrument(model, load_music(model, options.ends[0], options),
                              load_music(model, options.ends[1], options),
                              parse_meter(options.meter), *options.sampling.seed, vectors);
  if (controls->may_steer()) {
    instrument.steer_by(steering_of(instrument, model, controls, *options.sampling.seed));
  }
  Controls start;
  start.temperature = generation_of(options.sampling, model).temperature;
  start.attributes = controls->start();
  const double usual = time_of_bar(instrument, model.bars(), start, controls->map());
  Stage stage(options);
  Performance session(
      stage.clock, ControlSurface(controls->map(), start), usual,
      static_cast<std::int64_t>(options.call.rounds) * model.bars(),
      [&](std::int64_t index, const Controls& now) { return instrument.bar(index, now); },
      stage.play(), say(options));
  show(*controls, options);
  log(options.common, "playing to " + stage.output->name() + " under the controllers of " +
                          stage.input->name() + "; Ctrl-C ends it");
  const bool by_itself = attend(stage, session);
  report(options, session.counts(), stage.clock.seconds_per_bar());
  end(stage, by_itself);
}

void run(LiveOptions options) {
  if (options.answer.kind == AnswerKind::kInpaint && options.model.model == kDefaultModel) {
    options.model.model = kMelodyInpaintingModel;
  }
  const bool toward = options.answer.kind == AnswerKind::kToward;
  if (toward && options.piece.empty()) {
    throw UsageError("--answer toward needs a piece to go to; name one by --piece");
  }
  options.sampling.seed = seed_or_new(options.sampling.seed, options.common);
  options.ends.empty() ? respond_to_calls(options) : perform(options);
}

void add_time_options(CLI::App& command, LiveOptions& options) {
  command.add_option("--tempo", options.tempo, "Quarters a minute; a MIDI clock goes first")
      ->check(between(10.0, 400.0))
      ->capture_default_str();
  command.add_option("--meter", options.meter, "Meter, such as 3/4")->capture_default_str();
  command
      .add_option("--rounds", options.call.rounds,
                  "Answers, or with --interpolate passages, after which to end; 0 is at Ctrl-C")
      ->check(between(0, 1'000'000))
      ->capture_default_str();
}

void add_call_options(CLI::App& command, LiveOptions& options) {
  auto* bars = command.add_option("--bars", options.call.bars, "Bars of a call")
                   ->check(between(1, 64))
                   ->capture_default_str();
  command
      .add_flag("--until-silence", options.call.until_silence,
                "A call ends when nothing sounds for a bar")
      ->excludes(bars);
  command
      .add_option("--lead", options.call.lead,
                  "Quarters before its end at which a call is taken as heard, so that the answer "
                  "can follow at once; with 0 it comes a bar later")
      ->check(between(0.0, 16.0))
      ->capture_default_str();
}

void add_answer_options(CLI::App& command, LiveOptions& options) {
  const std::map<std::string, AnswerKind> kinds = {{"reconstruct", AnswerKind::kReconstruct},
                                                   {"vary", AnswerKind::kVary},
                                                   {"toward", AnswerKind::kToward},
                                                   {"continue", AnswerKind::kContinue},
                                                   {"inpaint", AnswerKind::kInpaint}};
  add_choice(command, "--answer", options.answer.kind, kinds,
             "The call again, something near it, on the way to --piece, or what follows it: "
             "continued, or filled in by a model that inpaints")
      ->default_str("vary");
  command
      .add_option("--amount", options.answer.amount,
                  "How much to vary, or how far to go toward the piece (1 is there)")
      ->check(between(0.0, 10.0))
      ->capture_default_str();
  command.add_option("--piece", options.piece, "MIDI file to go toward")->type_name("FILE");
}

void add_performance_options(CLI::App& command, LiveOptions& options) {
  command
      .add_option("--interpolate", options.ends,
                  "Instead of answering, play on between two MIDI files under MIDI controllers")
      ->type_name("A B")
      ->expected(2);
  add_live_control_options(command, options.controls);
}

}  // namespace

void setup_live(CLI::App& command) {
  auto options = std::make_shared<LiveOptions>();
  command
      .add_option("--input", options->input,
                  "Input: a number or part of a name that ports shows, or virtual:NAME for a new "
                  "one; the only one unless given")
      ->type_name("PORT");
  add_output_options(command, options->output, "--output");
  add_time_options(command, *options);
  add_call_options(command, *options);
  add_answer_options(command, *options);
  add_performance_options(command, *options);
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  add_sampling_options(command, options->sampling);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
