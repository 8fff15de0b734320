#include "src/music/new_music.hpp"

#include "src/music/constraints/harmony.hpp"

namespace musicvae {

datasets::ScoreStyle style_of_new_music(double tempo, int program, const std::string& key) {
  datasets::ScoreStyle style;
  style.parts = {{"musicvae", 0, static_cast<std::uint8_t>(program)}};
  if (!key.empty()) {
    if (const auto signature = key_signature(key)) style.keys = {*signature};
  }
  style.tempos = {{midi::Ticks(0), static_cast<std::uint32_t>(60e6 / tempo)}};
  return style;
}

}  // namespace musicvae
