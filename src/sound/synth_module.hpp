#pragma once

#include "src/sound/sound_file.hpp"
#include "src/sound/synth.hpp"

/// What uses FluidSynth and libsndfile, and is loaded when first asked for: with it come some fifty
/// libraries, in which every symbol of what is loaded later would be looked for.
namespace musicvae {

/// Any format by libsndfile.
std::vector<std::byte> encode_by_sndfile(const Sound& sound, SoundFormat format);

/// The functions of synth.hpp, and encode_by_sndfile().
struct SynthModule {
  decltype(musicvae::render)* render_sound;
  decltype(musicvae::open_synth)* open_output;
  decltype(encode_by_sndfile)* encode;
};

/// The module's one door.
extern "C" const SynthModule* musicvae_synth_module();

}  // namespace musicvae
