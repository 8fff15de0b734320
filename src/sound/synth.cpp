#include "src/sound/synth.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "src/base/error.hpp"
#include "src/base/module_file.hpp"
#include "src/sound/synth_module.hpp"

namespace musicvae {
namespace {

/// Distributions' places for their General MIDI soundfont, the one a user has chosen first.
constexpr auto kSoundfonts = std::to_array<const char*>({
    "/usr/share/sounds/sf2/default-GM.sf2",  // Debian, Ubuntu
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/soundfonts/default.sf2",  // Fedora, Arch
    "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/local/share/soundfonts/default.sf2",
    "/opt/homebrew/share/soundfonts/default.sf2",
});

const SynthModule& loaded() {
  static const auto* const module = reinterpret_cast<decltype(&musicvae_synth_module)>(
      load_function(MUSICVAE_SYNTH_FILE, "musicvae_synth_module"))();
  return *module;
}

}  // namespace

std::vector<std::byte> encode_sound(const Sound& sound, SoundFormat format) {
  return format == SoundFormat::kWav ? wav_file(sound) : loaded().encode(sound, format);
}

std::string default_soundfont() {
  const auto is_there = [](const char* file) { return std::filesystem::is_regular_file(file); };
  const auto found = std::find_if(kSoundfonts.begin(), kSoundfonts.end(), is_there);
  if (found != kSoundfonts.end()) return *found;
  throw Error(
      "no soundfont in the usual places; install one (apt install timgm6mb-soundfont) or name an "
      "SF2 "
      "file");
}

Sound render(const midi::Playback& playback, const SynthOptions& options,
             const std::function<bool(double)>& progress) {
  return loaded().render_sound(playback, options, progress);
}

std::unique_ptr<midi::MidiOutput> open_synth(const SynthOptions& options,
                                             const std::string& driver) {
  return loaded().open_output(options, driver);
}

}  // namespace musicvae
