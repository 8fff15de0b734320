#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "datasets/error.hpp"
#include "midi/file/reader.hpp"
#include "midi/live/player.hpp"
#include "src/base/error.hpp"
#include "src/base/interrupt.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/common.hpp"
#include "src/commands/options/live_output.hpp"
#include "src/commands/options/playback_notices.hpp"
#include "src/live/live_guard.hpp"
#include "src/music/bar_lines.hpp"

namespace musicvae::commands {
namespace {

constexpr std::chrono::milliseconds kPollInterval{20};
constexpr std::chrono::milliseconds kCheckInterval{250};

struct PlayOptions {
  CommonOptions common;
  std::vector<std::string> files;
  OutputOptions output;
  bool loop = false;
  bool clock = false;
  double tempo_scale = 1;
  std::optional<int> from;  // Bars, counted from 1.
  std::optional<int> to;
  BarOptions bar_lines;
};

/// A file, ready to be played.
struct Program {
  std::string file;
  midi::Score score;
  std::optional<BarLines> bars;  // None where the score has none, as in SMPTE time.
  midi::Ticks from;
  midi::Playback playback;
};

std::optional<BarLines> find_bars(const midi::Score& score, const PlayOptions& options) {
  try {
    return BarLines(score, options.bar_lines.quantizing());
  } catch (const datasets::DatasetError&) {
    if (options.from || options.to) throw;
    return std::nullopt;
  }
}

void warn_of_guess(const Program& program, const PlayOptions& options) {
  if (!program.bars || !program.bars->guess().any()) return;
  log(options.common, "warning: " + program.file + ": " + describe(program.bars->guess()));
  log_how_not_to_guess(program.bars->guess(), options.common);
}

Program load(const std::string& file, const PlayOptions& options) {
  Program program{file, midi::read_midi_file(file).score, {}, {}, {}};
  if (midi::note_count(program.score) == 0) throw Error(file + ": there is nothing to play");
  program.bars = find_bars(program.score, options);
  warn_of_guess(program, options);
  midi::PlaybackOptions playback;
  playback.tempo_scale = options.tempo_scale;
  playback.clock = options.clock;
  playback.pauses = true;
  if (options.from) playback.from = program.bars->start(*options.from);
  if (options.to) playback.to = program.bars->end(*options.to);
  if (playback.to && *playback.to <= playback.from)
    throw UsageError("--to " + std::to_string(*options.to) + " comes before --from");
  // Whole bars, so that a loop keeps time.
  if (!playback.to && program.bars) playback.to = program.bars->end(program.bars->last());
  program.from = playback.from;
  program.playback = midi::make_playback(program.score, playback);
  warn_of_sharing(file, program.playback, options.common);
  if (const std::size_t count = program.playback.exclusive_left_out; count > 0)
    log(options.common, file + ": " + std::to_string(count) +
                            " broken or divided system exclusive messages are not sent");
  return program;
}

/// Shows where a player is.
class Display {
 public:
  Display(const Program& program, const PlayOptions& options)
      : program_(program), tempo_(program.score), options_(options) {
    restart();
  }

  /// The time left is told anew from here.
  void restart() { progress_.emplace(options_.common.verbosity()); }

  void show(midi::Seconds position) {
    if (position < last_) restart();
    last_ = position;
    if (!progress_->due()) return;
    progress_->update(position.count / std::max(program_.playback.length.count, 1e-9),
                      where(position));
  }

 private:
  std::string where(midi::Seconds position) const {
    if (!program_.bars) return program_.file;
    const double scaled = position.count * options_.tempo_scale;
    const midi::Ticks time = tempo_.ticks(tempo_.seconds(program_.from) + midi::Seconds(scaled));
    return program_.file + "  bar " + std::to_string(program_.bars->bar_at(time)) + " of " +
           std::to_string(program_.bars->last());
  }

  const Program& program_;
  const midi::TempoMap tempo_;
  const PlayOptions& options_;
  std::optional<Progress> progress_;
  midi::Seconds last_;
};

/// Until the player is done, or the user or the port ends it.
void attend(midi::Player& player, midi::MidiOutput& output, Display& display) {
  auto last_check = midi::LiveClock::now();
  while (!player.finished()) {
    if (InterruptGuard::requested()) {
      player.stop();
      throw Interrupted("interrupted; all notes are off");
    }
    if (LiveGuard::stop_requested()) {
      player.pause();
      LiveGuard::stop();
      player.resume();
      display.restart();
    }
    if (const auto now = midi::LiveClock::now(); now - last_check >= kCheckInterval) {
      output.check();
      last_check = now;
    }
    display.show(player.position());
    std::this_thread::sleep_for(kPollInterval);
  }
}

nlohmann::json to_json(const Program& program, const midi::Player& player) {
  std::vector<double> late(player.lateness().begin(), player.lateness().end());
  std::sort(late.begin(), late.end());
  return {{"file", program.file},
          {"seconds", program.playback.length.count},
          {"messages", program.playback.messages.size()},
          {"late_ms",
           {{"median", late.empty() ? 0 : 1e3 * late[late.size() / 2]},
            {"most", late.empty() ? 0 : 1e3 * late.back()}}}};
}

nlohmann::json play(const Program& program, midi::MidiOutput& output, const PlayOptions& options) {
  const bool alone = options.files.size() == 1;
  midi::Player player(output, program.playback, {options.loop && alone, options.clock});
  Display display(program, options);
  player.start();
  attend(player, output, display);
  return to_json(program, player);
}

void run(const PlayOptions& options) {
  if (options.files.size() > 1 && (options.from || options.to))
    throw UsageError("--from and --to are bars of one file; name one");
  std::vector<Program> programs;
  for (const std::string& file : options.files) programs.push_back(load(file, options));
  const InterruptGuard interrupt;
  const LiveGuard live;
  const auto output = open_output(options.output);
  log(options.common, "playing to " + output->name());
  auto played = nlohmann::json::array();
  do {
    for (const Program& program : programs) played.push_back(play(program, *output, options));
  } while (options.loop);
  if (options.common.json) print_json({{"port", output->name()}, {"files", played}});
}

}  // namespace

void setup_play(CLI::App& command) {
  auto options = std::make_shared<PlayOptions>();
  command
      .add_option("files", options->files, "MIDI files, one after the other; - is standard input")
      ->required()
      ->type_name("FILE")
      ->take_all();
  add_output_options(command, options->output, "--port");
  command.add_flag("--loop", options->loop, "Start again at the end, until Ctrl-C");
  command.add_option("--tempo-scale", options->tempo_scale, "2 is twice as fast")
      ->check(between(0.05, 20.0))
      ->capture_default_str();
  command.add_option("--from", options->from, "First bar, counted from 1 as a DAW does")
      ->type_name("BAR");
  command.add_option("--to", options->to, "Last bar")->type_name("BAR");
  add_bar_options(command, options->bar_lines);
  command.add_flag("--clock", options->clock, "Send MIDI clock, start and stop too");
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
