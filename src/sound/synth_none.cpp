#include "src/base/error.hpp"
#include "src/sound/sound_file.hpp"
#include "src/sound/synth.hpp"

namespace musicvae {
namespace {

[[noreturn]] void refuse() {
  throw Error(
      "this musicvae was built without sound; install FluidSynth (apt install libfluidsynth-dev "
      "timgm6mb-soundfont) and build it with -DMUSICVAE_SOUND=ON");
}

}  // namespace

std::vector<std::byte> encode_sound(const Sound&, SoundFormat) { refuse(); }

std::string default_soundfont() { refuse(); }

Sound render(const midi::Playback&, const SynthOptions&, const std::function<bool(double)>&) {
  refuse();
}

std::unique_ptr<midi::MidiOutput> open_synth(const SynthOptions&, const std::string&) { refuse(); }

}  // namespace musicvae
