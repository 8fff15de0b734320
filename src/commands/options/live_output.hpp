#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "midi/live/port.hpp"
#include "src/sound/synth.hpp"

/// What the commands share that play.
namespace musicvae::commands {

/// A MIDI port, or a synth of our own.
struct OutputOptions {
  std::string port;
  bool synth = false;
  SynthOptions sound;
  std::string audio_driver;
};

/// The port under `name`, --synth, --soundfont, --gain and --audio-driver.
void add_output_options(CLI::App& command, OutputOptions& options, const std::string& name);
std::unique_ptr<midi::MidiOutput> open_output(const OutputOptions& options);

}  // namespace musicvae::commands
