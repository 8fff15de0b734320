#include "src/studio/sounds.hpp"

#include <algorithm>

#include "midi/live/playback.hpp"
#include "src/base/error.hpp"
#include "src/sound/fluidsynth_clock.hpp"

namespace musicvae::studio {
namespace {

constexpr std::size_t kMostBytes = std::size_t{512} << 20;

SynthOptions with_soundfont(SynthOptions options) {
  if (options.soundfont.empty()) options.soundfont = default_soundfont();
  return options;
}

}  // namespace

std::string Sounds::complaint() const {
  try {
    render({}, with_soundfont(options_));
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::shared_ptr<const std::string> Sounds::file(const HeldPiece& piece, SoundFormat format) {
  const std::string key = piece.id + (format == SoundFormat::kWav ? ".wav" : ".flac");
  const auto find = [&]() -> std::shared_ptr<const std::string> {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    if (found == kept_.end()) return nullptr;
    found->second.last_use = ++uses_;
    return found->second.sound;
  };
  if (auto sound = find()) return sound;
  const std::lock_guard lock(making_);
  if (auto sound = find()) return sound;  // Made while this waited.
  auto sound = make(piece, format);
  keep(key, sound);
  return sound;
}

std::shared_ptr<const std::string> Sounds::make(const HeldPiece& piece, SoundFormat format) const {
  const midi::Score& score = piece.file.score;
  midi::PlaybackOptions playing;
  playing.due = rendering_clock(score, options_.sample_rate);
  Sound sound = render(midi::make_playback(score, playing), with_soundfont(options_));
  limit_peak(sound);
  const auto bytes = encode_sound(sound, format);
  return std::make_shared<const std::string>(reinterpret_cast<const char*>(bytes.data()),
                                             bytes.size());
}

void Sounds::keep(const std::string& key, std::shared_ptr<const std::string> sound) {
  const std::lock_guard lock(mutex_);
  bytes_ += sound->size();
  kept_[key] = {std::move(sound), ++uses_};
  while (bytes_ > kMostBytes && kept_.size() > 1) {
    const auto oldest = std::min_element(kept_.begin(), kept_.end(), [](auto& a, auto& b) {
      return a.second.last_use < b.second.last_use;
    });
    bytes_ -= oldest->second.sound->size();
    kept_.erase(oldest);
  }
}

}  // namespace musicvae::studio
