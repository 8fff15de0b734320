#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "src/sound/sound_file.hpp"
#include "src/sound/synth.hpp"
#include "src/studio/pieces.hpp"

namespace musicvae::studio {

/// What pieces sound like. The last ones that were asked for are kept.
class Sounds {
 public:
  /// Where `options` names no soundfont, the machine's is taken.
  explicit Sounds(SynthOptions options) : options_(std::move(options)) {}

  /// Why nothing can be heard, and what to do; empty where all is well.
  std::string complaint() const;
  /// The bytes of the sound file that `render` writes. Throws Error where it cannot.
  std::shared_ptr<const std::string> file(const HeldPiece& piece, SoundFormat format);
  int sample_rate() const { return options_.sample_rate; }

 private:
  std::shared_ptr<const std::string> make(const HeldPiece& piece, SoundFormat format) const;
  void keep(const std::string& key, std::shared_ptr<const std::string> sound);

  SynthOptions options_;
  std::mutex making_;  // FluidSynth's log is one for all.
  std::mutex mutex_;   // Guards what follows.
  struct Kept {
    std::shared_ptr<const std::string> sound;
    std::size_t last_use = 0;
  };
  std::map<std::string, Kept> kept_;
  std::size_t uses_ = 0, bytes_ = 0;
};

}  // namespace musicvae::studio
