#include "src/commands/options/synth_input.hpp"

#include "src/commands/options/checks.hpp"
#include "src/commands/options/common.hpp"

namespace musicvae::commands {

void add_synth_options(CLI::App& command, SynthOptions& options) {
  command
      .add_option("--soundfont", options.soundfont,
                  "SF2 file of the instruments; without it this machine's General MIDI font")
      ->type_name("SF2");
  command.add_option("--gain", options.gain, "Loudness of the synth")
      ->check(between(0.01, 10.0))
      ->capture_default_str();
}

SynthOptions with_soundfont(SynthOptions options) {
  if (options.soundfont.empty()) {
    options.soundfont = for_flag("--soundfont", default_soundfont);
  }
  return options;
}

}  // namespace musicvae::commands
