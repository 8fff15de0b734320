#pragma once

#include <CLI/CLI.hpp>

#include "src/sound/synth.hpp"

/// Options that commands which make sound have in common.
namespace musicvae::commands {

/// --soundfont and --gain.
void add_synth_options(CLI::App& command, SynthOptions& options);
/// With the soundfont of this machine where none is named.
SynthOptions with_soundfont(SynthOptions options);

}  // namespace musicvae::commands
