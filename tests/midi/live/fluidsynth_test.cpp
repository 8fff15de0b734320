#include <filesystem>
#include <fluidsynth.h>
#include <memory>

#include "midi/live/player.hpp"
#include "midi/live/ports.hpp"
#include "tests/catch.hpp"
#include "tests/eventually.hpp"
#include "tests/jack_server.hpp"

namespace musicvae::midi {
namespace {

constexpr const char* kSoundFont = "/usr/share/sounds/sf2/TimGM6mb.sf2";

/// A real synth, a client of the JACK server for its MIDI and its sound.
class Synth {
 public:
  Synth() {
    // It warns that it may not run in real time.
    fluid_set_log_function(FLUID_WARN, nullptr, nullptr);
    fluid_settings_setstr(settings_.get(), "audio.driver", "jack");
    fluid_settings_setstr(settings_.get(), "midi.driver", "jack");
    fluid_settings_setstr(settings_.get(), "audio.jack.id", "fluid");
    fluid_settings_setnum(settings_.get(), "synth.sample-rate", 48000);
    synth_.reset(new_fluid_synth(settings_.get()));
    fluid_synth_sfload(synth_.get(), kSoundFont, 1);
    audio_.reset(new_fluid_audio_driver(settings_.get(), synth_.get()));
    midi_.reset(
        new_fluid_midi_driver(settings_.get(), fluid_synth_handle_midi_event, synth_.get()));
  }

  bool ready() const { return audio_ != nullptr && midi_ != nullptr; }
  int voices() const { return fluid_synth_get_active_voice_count(synth_.get()); }

 private:
  template <class T, void (*destroy)(T*)>
  struct Delete {
    void operator()(T* object) const { destroy(object); }
  };
  template <class T, void (*destroy)(T*)>
  using Handle = std::unique_ptr<T, Delete<T, destroy>>;

  Handle<fluid_settings_t, delete_fluid_settings> settings_{new_fluid_settings()};
  Handle<fluid_synth_t, delete_fluid_synth> synth_;
  Handle<fluid_audio_driver_t, delete_fluid_audio_driver> audio_;
  Handle<fluid_midi_driver_t, delete_fluid_midi_driver> midi_;
};

TEST_CASE("FluidSynth sounds what is played to it, and is silent once that is stopped",
          "[midi][ports][fluidsynth]") {
  const test::JackServer server("playing to FluidSynth");
  if (!server.running()) return;
  if (!std::filesystem::exists(kSoundFont)) {
    WARN(kSoundFont << " is not there: playing to FluidSynth is not tested");
    return;
  }
  Synth synth;
  if (!synth.ready()) {
    WARN("FluidSynth has no JACK driver here: playing to it is not tested");
    return;
  }
  const auto output = open_output("fluid:");
  // An organ, whose notes sound until they are ended. The playback lasts a minute.
  Player player(*output, {{{Seconds(0), program_change(0, 19)},
                           {Seconds(0), control_change(0, 64, 127)},
                           {Seconds(0), note_on(0, 60, 100)},
                           {Seconds(0.1), note_on(0, 64, 100)}},
                          Seconds(60)});
  player.start();
  CHECK(test::eventually([&] { return synth.voices() >= 2; }));
  player.stop();
  CHECK(test::eventually([&] { return synth.voices() == 0; }));
}

}  // namespace
}  // namespace musicvae::midi
