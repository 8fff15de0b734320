#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <dlfcn.h>
#include <filesystem>
#include <fluidsynth.h>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "midi/live/master_volume.hpp"
#include "midi/part_mode.hpp"
#include "src/base/error.hpp"
#include "src/sound/synth_module.hpp"

namespace musicvae {
namespace {

/// Voices at once; more is no instrument's music, and fewer would cut notes short in dense scores.
constexpr int kVoices = 1024;
/// Under half of what 16 bits can say.
constexpr float kInaudible = 1.0F / 65'536;
/// Sound that has been inaudible for so long is over; an echo may begin after a rest.
constexpr double kSilenceSeconds = 0.2;

/// What a musician waits for when playing ends.
constexpr std::chrono::seconds kLongestFade{2};
constexpr std::chrono::milliseconds kFadeInterval{10};

constexpr int kBank = 0;
constexpr int kPedal = 64;
constexpr int kAllNotesOff = 123;

template <auto kDelete>
struct Deleter {
  void operator()(auto* object) const { kDelete(object); }
};
using Settings = std::unique_ptr<fluid_settings_t, Deleter<delete_fluid_settings>>;
using Synth = std::unique_ptr<fluid_synth_t, Deleter<delete_fluid_synth>>;
using AudioDriver = std::unique_ptr<fluid_audio_driver_t, Deleter<delete_fluid_audio_driver>>;
/// Text that FluidSynth has allocated.
using Text = std::unique_ptr<char, Deleter<fluid_free>>;

/// While one lives, GLib is mute, where FluidSynth uses it: through it libinstpatch, which is asked
/// last about any file, complains that it is no DLS.
class MuteGlib {
 public:
  MuteGlib() {
    if (set_handler_ != nullptr) before_ = set_handler_([](auto...) {}, nullptr);
  }
  ~MuteGlib() {
    if (set_handler_ != nullptr) set_handler_(before_, nullptr);
  }
  MuteGlib(const MuteGlib&) = delete;
  MuteGlib& operator=(const MuteGlib&) = delete;

 private:
  using Handler = void (*)(const char* domain, int level, const char* message, void* data);
  using SetHandler = Handler (*)(Handler, void*);

  const SetHandler set_handler_ =
      reinterpret_cast<SetHandler>(dlsym(RTLD_DEFAULT, "g_log_set_default_handler"));
  Handler before_ = nullptr;
};

/// While one lives, FluidSynth's complaints are kept for a message of ours; otherwise it is mute.
class Complaints {
 public:
  Complaints() { fluid_set_log_function(FLUID_ERR, keep_first, &first_); }
  ~Complaints() { fluid_set_log_function(FLUID_ERR, nullptr, nullptr); }
  Complaints(const Complaints&) = delete;
  Complaints& operator=(const Complaints&) = delete;

  /// In brackets, where there was one.
  std::string text() const { return first_.empty() ? "" : " (" + first_ + ")"; }

 private:
  static void keep_first(int, const char* message, void* first) {
    auto& text = *static_cast<std::string*>(first);
    if (text.empty()) text = message;
  }

  std::string first_;
  const MuteGlib mute_glib_;
};

void mute_log() {
  for (const int level : {FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG}) {
    fluid_set_log_function(level, nullptr, nullptr);
  }
}

Settings make_settings(const SynthOptions& options) {
  Settings settings(new_fluid_settings());
  if (!settings) throw Error("FluidSynth does not start");
  fluid_settings_setnum(settings.get(), "synth.sample-rate", options.sample_rate);
  fluid_settings_setnum(settings.get(), "synth.gain", options.gain);
  fluid_settings_setint(settings.get(), "synth.polyphony", kVoices);
  fluid_settings_setint(settings.get(), "synth.lock-memory", 0);
  return settings;
}

void load_soundfont(fluid_synth_t& synth, const std::string& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw Error("no soundfont '" + file + "'; name an SF2 file");
  }
  const Complaints complaints;
  if (fluid_synth_sfload(&synth, file.c_str(), 1) == FLUID_FAILED) {
    throw Error("FluidSynth cannot read the soundfont '" + file + "'" + complaints.text() +
                "; name another SF2 file");
  }
}

Synth make_synth(fluid_settings_t& settings, const SynthOptions& options) {
  Synth synth(new_fluid_synth(&settings));
  if (!synth) throw Error("FluidSynth does not start");
  load_soundfont(*synth, options.soundfont);
  return synth;
}

/// FluidSynth with what it does not know itself: the master volume, which is taken as GM2 has it
/// (an amplitude is its square), and all of what makes a channel drums.
class Device {
 public:
  Device(fluid_settings_t& settings, const SynthOptions& options)
      : gain_(options.gain), synth_(make_synth(settings, options)) {}

  fluid_synth_t& synth() const { return *synth_; }

  /// FluidSynth refuses some messages, such as a program that the soundfont lacks; it then keeps to
  /// what it has.
  void send(const midi::ShortMessage& message);
  /// A whole message, from 0xF0 to 0xF7.
  void send_exclusive(std::string_view message);

  void end_notes() {
    for (int channel = 0; channel < 16; ++channel) {
      send(midi::control_change(channel, kPedal, 0));
      send(midi::control_change(channel, kAllNotesOff, 0));
    }
  }

 private:
  void choose_bank(int channel, int bank);
  void set_part_mode(const midi::PartMode& mode);
  void reset(midi::Standard standard);
  void set_drums(int channel, bool drums) {
    fluid_synth_set_channel_type(&synth(), channel,
                                 drums ? CHANNEL_TYPE_DRUM : CHANNEL_TYPE_MELODIC);
  }

  double gain_;
  Synth synth_;
  midi::Standard standard_ = midi::Standard::kGeneralMidi;
  std::array<bool, 16> has_part_mode_{};
};

void Device::send(const midi::ShortMessage& message) {
  const int channel = message.channel(), first = message.bytes[1], second = message.bytes[2];
  switch (message.kind()) {
    case 0x80:
      fluid_synth_noteoff(&synth(), channel, first);
      break;
    case 0x90:
      fluid_synth_noteon(&synth(), channel, first, second);
      break;
    case 0xA0:
      fluid_synth_key_pressure(&synth(), channel, first, second);
      break;
    case 0xB0:
      if (first == kBank)
        choose_bank(channel, second);
      else
        fluid_synth_cc(&synth(), channel, first, second);
      break;
    case 0xC0:
      fluid_synth_program_change(&synth(), channel, first);
      break;
    case 0xD0:
      fluid_synth_channel_pressure(&synth(), channel, first);
      break;
    case 0xE0:
      fluid_synth_pitch_bend(&synth(), channel, first | second << 7);
      break;
    default:
      break;  // System messages make no sound.
  }
}

/// FluidSynth takes banks for variations, as GS does.
void Device::choose_bank(int channel, int bank) {
  const bool told = has_part_mode_[static_cast<std::size_t>(channel)];
  const bool drums = midi::bank_has_drums(standard_, static_cast<std::uint8_t>(channel),
                                          static_cast<std::uint8_t>(bank));
  if (!told) set_drums(channel, drums);
  if (!drums || told) fluid_synth_cc(&synth(), channel, kBank, bank == 121 ? 0 : bank);
}

/// A channel's new kind is heard from its next program on, so it gets its own again.
void Device::set_part_mode(const midi::PartMode& mode) {
  int soundfont = 0, bank = 0, program = 0;
  fluid_synth_get_program(&synth(), mode.channel, &soundfont, &bank, &program);
  has_part_mode_[mode.channel] = true;
  set_drums(mode.channel, mode.drums);
  fluid_synth_program_change(&synth(), mode.channel, program);
}

/// FluidSynth knows resets, but only those for all devices and with the right checksum. After one
/// of XG it would choose drums by banks itself, and by fewer than there are.
void Device::reset(midi::Standard standard) {
  static constexpr std::string_view kGmOn("\x7E\x7F\x09\x01", 4);
  static constexpr std::string_view kGsReset("\x41\x7F\x42\x12\x40\x00\x7F\x00\x41", 9);
  const auto data = standard == midi::Standard::kGeneralMidi ? kGmOn : kGsReset;
  fluid_synth_sysex(&synth(), data.data(), static_cast<int>(data.size()), nullptr, nullptr, nullptr,
                    0);
  fluid_synth_set_gain(&synth(), static_cast<float>(gain_));
  standard_ = standard;
  has_part_mode_ = {};
}

void Device::send_exclusive(std::string_view message) {
  const auto data = message.substr(1);
  if (const auto volume = midi::decode_master_volume(message)) {
    fluid_synth_set_gain(&synth(), static_cast<float>(gain_ * *volume * *volume));
  } else if (const auto mode = midi::decode_part_mode(data)) {
    set_part_mode(*mode);
  } else if (const auto standard = midi::decode_reset(data)) {
    reset(*standard);
  } else {
    fluid_synth_sysex(&synth(), data.data(), static_cast<int>(data.size() - 1), nullptr, nullptr,
                      nullptr, 0);
  }
}

/// Sound that grows by whole blocks, between which messages take effect.
class Rendering {
 public:
  using Progress = std::function<bool(double)>;

  /// `progress` is told which share of `length` there is.
  Rendering(fluid_synth_t& synth, int sample_rate, midi::Seconds length, const Progress& progress)
      : synth_(synth),
        block_(static_cast<std::size_t>(fluid_synth_get_internal_bufsize(&synth))),
        length_(length),
        progress_(progress) {
    sound_.sample_rate = sample_rate;
  }

  /// False once `progress` wants no more; then nothing is added.
  bool goes_on() const { return goes_on_; }

  /// To the block boundary nearest to `time`.
  void go_to(midi::Seconds time) {
    const auto blocks = std::llround(blocks_in(time));
    while (goes_on_ && static_cast<std::int64_t>(sound_.frames() / block_) < blocks) {
      add_block();
      tell();
    }
  }

  void let_fade(midi::Seconds longest) {
    const auto silence = std::ceil(blocks_in(midi::Seconds(kSilenceSeconds)));
    const auto most = std::ceil(blocks_in(longest));
    for (int blocks = 0, silent = 0; blocks < most && silent < silence; ++blocks) {
      silent = add_block() < kInaudible ? silent + 1 : 0;
    }
  }

  Sound take() { return std::move(sound_); }

 private:
  /// A few times for each second of sound.
  void tell() {
    constexpr std::size_t kBlocks = 128;
    if (!progress_ || sound_.frames() / block_ % kBlocks != 0) return;
    goes_on_ = progress_(std::min(1.0, sound_.seconds() / length_.count));
  }

  double blocks_in(midi::Seconds time) const {
    return time.count * sound_.sample_rate / static_cast<double>(block_);
  }

  /// The new block's peak.
  float add_block() {
    const std::size_t before = sound_.samples.size();
    sound_.samples.resize(before + 2 * block_);
    float* block = sound_.samples.data() + before;
    fluid_synth_write_float(&synth_, static_cast<int>(block_), block, 0, 2, block, 1, 2);
    return std::abs(*std::max_element(block, block + 2 * block_,
                                      [](float a, float b) { return std::abs(a) < std::abs(b); }));
  }

  fluid_synth_t& synth_;
  const std::size_t block_;  // Frames.
  const midi::Seconds length_;
  const Progress& progress_;
  bool goes_on_ = true;
  Sound sound_;
};

void check_length(const midi::Playback& playback) {
  if (playback.length <= kLongestRendering) return;
  throw Error("the music lasts " + std::to_string(std::llround(playback.length.count / 60)) +
              " minutes; at most " + std::to_string(std::llround(kLongestRendering.count / 60)) +
              " are rendered at once, so render parts of it");
}

std::string driver_in_use(fluid_settings_t& settings) {
  char* name = nullptr;
  fluid_settings_dupstr(&settings, "audio.driver", &name);
  const Text owned(name);
  return name == nullptr ? "" : name;
}

std::string drivers(fluid_settings_t& settings) {
  const Text names(fluid_settings_option_concat(&settings, "audio.driver", ", "));
  return names ? names.get() : "none";
}

AudioDriver start_audio(fluid_settings_t& settings, fluid_synth_t& synth) {
  const Complaints complaints;
  AudioDriver driver(new_fluid_audio_driver(&settings, &synth));
  if (driver) return driver;
  throw Error("no audio through " + driver_in_use(settings) + complaints.text() +
              "; choose another driver (" + drivers(settings) +
              "), or write a file by `musicvae render`");
}

/// FluidSynth on its own audio driver, whose thread takes in what is sent.
class SynthOutput : public midi::MidiOutput {
 public:
  SynthOutput(const SynthOptions& options, const std::string& driver)
      : settings_(make_settings(options)) {
    if (!driver.empty()) fluid_settings_setstr(settings_.get(), "audio.driver", driver.c_str());
    device_.emplace(*settings_, options);
    driver_ = start_audio(*settings_, device_->synth());
  }

  std::string name() const override { return "FluidSynth (" + driver_in_use(*settings_) + ")"; }

  void send(const midi::ShortMessage& message) override {
    if (message.is_channel_message()) device_->send(message);
  }
  void send_exclusive(std::string_view message) override { device_->send_exclusive(message); }

  void flush() override {
    const auto longest = midi::LiveClock::now() + kLongestFade;
    while (fluid_synth_get_active_voice_count(&device_->synth()) > 0 &&
           midi::LiveClock::now() < longest) {
      std::this_thread::sleep_for(kFadeInterval);
    }
  }

 private:
  // In this order: what goes last is used by what follows.
  Settings settings_;
  std::optional<Device> device_;
  AudioDriver driver_;
};

std::unique_ptr<midi::MidiOutput> open_output(const SynthOptions& options,
                                              const std::string& driver) {
  mute_log();
  return std::make_unique<SynthOutput>(options, driver);
}

Sound render_sound(const midi::Playback& playback, const SynthOptions& options,
                   const std::function<bool(double)>& progress) {
  check_length(playback);
  mute_log();
  const Settings settings = make_settings(options);
  Device device(*settings, options);
  Rendering rendering(device.synth(), options.sample_rate, playback.length, progress);
  for (const auto& scheduled : playback.messages) {
    rendering.go_to(scheduled.time);
    if (!rendering.goes_on()) return rendering.take();
    if (scheduled.exclusive.empty()) {
      device.send(scheduled.message);
    } else {
      device.send_exclusive(scheduled.exclusive);
    }
  }
  rendering.go_to(playback.length);
  device.end_notes();
  rendering.let_fade(kLongestTail);
  return rendering.take();
}

}  // namespace

extern "C" const SynthModule* musicvae_synth_module() {
  static constexpr SynthModule kModule{render_sound, open_output, encode_by_sndfile};
  return &kModule;
}

}  // namespace musicvae
