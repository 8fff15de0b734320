#pragma once

#include <string>

#include "datasets/codecs/codec.hpp"
#include "src/music/generation.hpp"
#include "src/music/music_model.hpp"
#include "src/training/training_options.hpp"

namespace musicvae::test {

/// Settings that train in moments.
inline TrainingOptions small_options(const std::string& codec = "notes") {
  TrainingOptions options;
  options.codec = codec;
  options.model.bars = 2;
  options.model.latent = 8;
  options.model.encoder_kind = models::EncoderKind::kHierarchical;
  options.model.encoder = {1, 12};
  options.model.conductor = {1, 12};
  options.model.decoder = {1, 12};
  options.batch_size = 4;
  options.steps = 6;
  options.validate_every = 3;
  return options;
}

/// Settings of a model whose bars have latents of their own.
inline TrainingOptions small_conductor_options(const std::string& codec = "pianoroll") {
  TrainingOptions options = small_options(codec);
  options.model.family = "conductor";
  return options;
}

inline MusicModel small_model(const TrainingOptions& options = small_options()) {
  return make_music_model(options.model,
                          datasets::make_codec(options.codec, {options.steps_per_quarter}),
                          make_generator(options.seed));
}

}  // namespace musicvae::test
