#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "midi/live/port.hpp"
#include "src/sound/synth.hpp"

/// Options that commands which play have in common.
namespace musicvae::commands {

/// A MIDI port, or a synth of our own.
struct OutputOptions {
  std::string flag;  // The one that names the port.
  std::string port;
  bool synth = false;
  SynthOptions sound;
  std::string audio_driver;
};

/// The port under `name`, --synth, --soundfont, --gain and --audio-driver.
void add_output_options(CLI::App& command, OutputOptions& options, const std::string& name);
std::unique_ptr<midi::MidiOutput> open_output(const OutputOptions& options);

}  // namespace musicvae::commands
