#pragma once

#include <functional>
#include <memory>
#include <string>

#include "midi/live/playback.hpp"
#include "midi/live/port.hpp"
#include "src/sound/sound.hpp"

/// MIDI to sound through FluidSynth, which appears in synth.cpp only. In a program built without it
/// every function throws Error, saying how to get it.
namespace musicvae {

struct SynthOptions {
  std::string soundfont;     ///< An SF2 or SF3 file.
  int sample_rate = 44'100;  ///< Frames a second, 8,000 to 96,000.
  double gain = 1;           ///< 0 to 10; a solo piano has its peak at about 0.3 * gain.
};

/// No more than this is rendered at once, as it is held in memory.
inline constexpr midi::Seconds kLongestRendering{3600};
/// The most that render() adds for sound that dies away.
inline constexpr midi::Seconds kLongestTail{10};

/// The General MIDI soundfont of this machine. Throws Error, saying what to install, where none is
/// in a usual place.
std::string default_soundfont();

/// What `playback` sounds like, as fast as the processor can, and the same each time: its length,
/// and then until nothing is heard. Messages take effect at the nearest of FluidSynth's blocks of
/// 64 frames, at most 0.8 ms off at 44,100 frames a second, and do not drift. Throws Error on a
/// soundfont that cannot be used, and where the playback is too long. `progress` is told now and
/// then which share is done; where it gives false, the sound ends there.
Sound render(const midi::Playback& playback, const SynthOptions& options,
             const std::function<bool(double)>& progress = {});

/// A synth that sounds through this machine's audio as it is played. `driver` is one of
/// FluidSynth's (alsa, jack, pipewire, pulseaudio, file and others); the usual one where empty.
/// flush() lets what sounds die away. Throws Error on a soundfont that cannot be used, and where
/// there is no audio, with the drivers there are.
std::unique_ptr<midi::MidiOutput> open_synth(const SynthOptions& options,
                                             const std::string& driver);

}  // namespace musicvae
