#include "src/commands/options/live_output.hpp"

#include "midi/live/ports.hpp"
#include "src/commands/options/common.hpp"
#include "src/commands/options/synth_input.hpp"

namespace musicvae::commands {

void add_output_options(CLI::App& command, OutputOptions& options, const std::string& name) {
  options.flag = name;
  auto* port =
      command
          .add_option(name, options.port,
                      "Output: a number or part of a name that ports shows, or virtual:NAME for a "
                      "new one; the only one unless given")
          ->type_name("PORT");
  auto* synth = command.add_flag("--synth", options.synth, "Sound through FluidSynth instead");
  synth->excludes(port);
  add_synth_options(command, options.sound);
  command
      .add_option("--audio-driver", options.audio_driver,
                  "Audio driver of the synth, such as alsa, jack, pipewire or pulseaudio")
      ->type_name("NAME")
      ->needs(synth);
}

std::unique_ptr<midi::MidiOutput> open_output(const OutputOptions& options) {
  if (options.synth) {
    const SynthOptions sound = with_soundfont(options.sound);
    return for_flag("--synth", [&] { return open_synth(sound, options.audio_driver); });
  }
  return for_flag(options.flag, [&] { return midi::open_output(options.port); });
}

}  // namespace musicvae::commands
