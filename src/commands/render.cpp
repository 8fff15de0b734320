#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>

#include "midi/file/reader.hpp"
#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/interrupt.hpp"
#include "src/base/progress.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/common.hpp"
#include "src/commands/options/playback_notices.hpp"
#include "src/commands/options/synth_input.hpp"
#include "src/sound/fluidsynth_clock.hpp"
#include "src/sound/sound_file.hpp"

namespace musicvae::commands {
namespace {

struct RenderOptions {
  CommonOptions common;
  SynthOptions synth;
  std::string input;
  std::string output;
};

midi::Playback load_playback(const RenderOptions& options) {
  const auto file = midi::read_midi_file(options.input);
  for (const auto& warning : file.warnings) {
    log(options.common, "warning: " + options.input + ": " + warning.message + " (byte " +
                            std::to_string(warning.offset) + ")");
  }
  if (midi::note_count(file.score) == 0) throw Error(options.input + ": there are no notes in it");
  midi::PlaybackOptions playing;
  playing.due = rendering_clock(file.score, options.synth.sample_rate);
  auto playback = midi::make_playback(file.score, playing);
  warn_of_sharing(options.input, playback, options.common);
  return playback;
}

/// The sound of a piece, and how it was made.
struct Rendered {
  Sound sound;
  double score_seconds = 0;
  double limited = 1;  // The factor that kept it within full scale.
  double working_seconds = 0;

  double real_time_factor() const { return sound.seconds() / working_seconds; }
};

/// Renders, and shows how far it is. Throws Interrupted on Ctrl-C.
Sound render_shown(const midi::Playback& playback, const RenderOptions& options) {
  const InterruptGuard interrupt;
  Progress progress(options.common.verbosity());
  const double length = playback.length.count;
  Sound sound = render(playback, options.synth, [&](double share) {
    progress.update(share, format_duration(share * length) + " of " + format_duration(length));
    return !InterruptGuard::requested();
  });
  progress.hide();
  if (InterruptGuard::requested()) throw Interrupted("interrupted; no sound was written");
  return sound;
}

Rendered make(const midi::Playback& playback, const RenderOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Rendered rendered{render_shown(playback, options), playback.length.count};
  rendered.limited = limit_peak(rendered.sound);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  rendered.working_seconds = seconds.count();
  return rendered;
}

void warn_of_limit(const RenderOptions& options, const Rendered& rendered) {
  if (rendered.limited == 1) return;
  char line[128];
  std::snprintf(line, sizeof line,
                "warning: at --gain %g the sound passes full scale; made quieter by %.1f dB",
                options.synth.gain, -20 * std::log10(rendered.limited));
  log(options.common, line);
}

void show(const RenderOptions& options, const Rendered& rendered) {
  if (options.common.json) {
    print_json({{"input", options.input},
                {"output", options.output},
                {"soundfont", options.synth.soundfont},
                {"sample_rate", rendered.sound.sample_rate},
                {"frames", rendered.sound.frames()},
                {"seconds", rendered.sound.seconds()},
                {"score_seconds", rendered.score_seconds},
                {"peak", peak(rendered.sound)},
                {"limited_by", rendered.limited},
                {"real_time_factor", rendered.real_time_factor()}});
    return;
  }
  char line[64];
  std::snprintf(line, sizeof line, ": %.1f s, made %.0f times as fast as it plays",
                rendered.sound.seconds(), rendered.real_time_factor());
  log(options.common, options.output + line);
}

void run(RenderOptions options) {
  check_output(options.output, options.common);
  const SoundFormat format = for_flag("--output", [&] { return sound_format_of(options.output); });
  check_writable(options.output);
  encode_sound({options.synth.sample_rate, {0, 0}}, format);  // Refuses a rate before the work.
  options.synth = with_soundfont(options.synth);
  const Rendered rendered = make(load_playback(options), options);
  write_or_keep(options.output, encode_sound(rendered.sound, format));
  warn_of_limit(options, rendered);
  show(options, rendered);
}

}  // namespace

void setup_render(CLI::App& command) {
  auto options = std::make_shared<RenderOptions>();
  command.add_option("input", options->input, "MIDI file; - is standard input")
      ->required()
      ->type_name("IN");
  command
      .add_option("-o,--output", options->output,
                  "Sound file to write: .wav, .flac, .ogg or .mp3; - is standard output, as WAV")
      ->required()
      ->type_name("OUT");
  add_synth_options(command, options->synth);
  command.add_option("--sample-rate", options->synth.sample_rate, "Frames a second")
      ->check(between(8'000, 96'000))
      ->capture_default_str();
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
