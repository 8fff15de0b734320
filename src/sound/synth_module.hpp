#pragma once

#include "src/sound/synth.hpp"

/// What uses FluidSynth, and is loaded when first asked for: with it come some fifty libraries, in
/// which every symbol of what is loaded later would be looked for.
namespace musicvae {

/// The functions of synth.hpp.
struct SynthModule {
  decltype(musicvae::render)* render_sound;
  decltype(musicvae::open_synth)* open_output;
};

/// The module's one door.
extern "C" const SynthModule* musicvae_synth_module();

}  // namespace musicvae
