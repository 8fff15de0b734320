#include <algorithm>

#include "src/base/error.hpp"
#include "src/training/training_options.hpp"

namespace musicvae {

namespace {

using models::EncoderKind;

/// Options of the two families that build on a VAE of bars. The papers weigh the KL by 0.001 beside
/// a mean over 24 ticks. Our loss is the sum over the ticks, so `beta` is 24 times as large. The
/// papers leave out teacher forcing half of the time; we hide half of the rows instead.
TrainingOptions over_bar_vae(const char* family) {
  return {.codec = "melody-ticks",
          .steps_per_quarter = 12,
          .model = {.family = family,
                    .latent = 16 * 64,
                    .encoder_kind = EncoderKind::kHierarchical,
                    .encoder = {1, 256},
                    .conductor = {1, 256},
                    .decoder = {2, 256}},
          .batch_size = 32,
          .learning_rate = 2e-3,
          .beta = 0.024,
          .free_bits = 0,
          .row_dropout = 0.5,
          .gap_share = 1,
          .whole_steps = 2'000,
          .steps = 10'000,
          .validate_every = 200};
}

/// The two halves of a conductor model: its bars, and then their prior. Sizes make a model of less
/// than 16 MB in half precision.
models::ModelConfig small_conductor(int bars) {
  return {.family = "conductor",
          .bars = bars,
          .latent = 256,
          .encoder = {1, 768},
          .conductor = {2, 256},
          .decoder = {1, 768}};
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      // Sizes and schedules of cat-mel_2bar_big (Roberts et al. 2018; Magenta's configs.py).
      {"melody-2bar",
       "flat, 2 bars of melody, the paper's size",
       {.codec = "melody",
        .model = {.family = "flat",
                  .bars = 2,
                  .latent = 512,
                  .encoder = {1, 2048},
                  .decoder = {3, 2048}},
        .batch_size = 512,
        .beta_rate = 0.99999,
        .scheduled_sampling = 2000,
        .steps = 50'000,
        .validate_every = 500}},
      // The sizes of cat-mel_2bar_small.
      {"melody-2bar-small",
       "the same for two cores",
       {.codec = "melody",
        .model = {.family = "flat", .bars = 2, .encoder = {1, 512}, .decoder = {2, 256}},
        .batch_size = 128,
        .beta_rate = 0.99999,
        .scheduled_sampling = 2000,
        .steps = 10'000,
        .validate_every = 250}},
      // hierdec-mel_16bar.
      {"melody-16bar",
       "hierarchical, 16 bars of melody, the paper's size",
       {.codec = "melody",
        .model =
            {.latent = 512, .encoder = {2, 2048}, .conductor = {2, 1024}, .decoder = {2, 1024}},
        .batch_size = 512,
        .free_bits = 256,
        .steps = 100'000,
        .validate_every = 500}},
      {"melody-16bar-small",
       "the same for two cores",
       {.codec = "melody",
        .model = {.encoder_kind = EncoderKind::kHierarchical,
                  .encoder = {1, 256},
                  .conductor = {1, 256},
                  .decoder = {2, 256}},
        .free_bits = 256,
        .steps = 10'000}},
      // Polyphony needs three tokens a note, so passages are shorter and their information denser.
      {"notes-4bar",
       "hierarchical, 4 bars of polyphony",
       {.model = {.bars = 4,
                  .latent = 512,
                  .encoder_kind = EncoderKind::kHierarchical,
                  .encoder = {1, 1024},
                  .conductor = {1, 1024},
                  .decoder = {2, 1024}},
        .batch_size = 256,
        .free_bits = 128,
        .steps = 50'000,
        .validate_every = 250}},
      {"notes-4bar-small",
       "the same for two cores",
       {.model = {.bars = 4,
                  .latent = 128,
                  .encoder_kind = EncoderKind::kHierarchical,
                  .encoder = {1, 256},
                  .conductor = {1, 256},
                  .decoder = {1, 256}},
        .free_bits = 128,
        .steps = 5'000}},
      // The sizes of PianoTree VAE (Wang et al. 2020), whose 32 steps are two bars of 4/4.
      {"pianotree-2bar",
       "two bars of polyphony as a tree of notes, the paper's size",
       {.codec = "notes-by-step",
        .model = {.family = "pianotree",
                  .bars = 2,
                  .latent = 512,
                  .encoder = {1, 512},
                  .conductor = {1, 1024},
                  .decoder = {1, 512}},
        .batch_size = 128,
        .beta = 0.1,
        .free_bits = 0,
        .steps = 50'000,
        .validate_every = 500}},
      {"pianotree-2bar-small",
       "the same for two cores",
       {.codec = "notes-by-step",
        .model = {.family = "pianotree",
                  .bars = 2,
                  .latent = 64,
                  .encoder = {1, 128},
                  .conductor = {1, 256},
                  .decoder = {1, 128}},
        .clip_norm = 200,
        .beta = 0.1,
        .free_bits = 0,
        .steps = 5'000,
        .validate_every = 200}},
      // What tools/zoo trains; a posterior, a prior or an objective is added.
      {"mlp-2bar-small",
       "two bars of polyphony by plain layers, to compare autoencoders on",
       {.codec = "pianoroll",
        .model =
            {.family = "mlp", .bars = 2, .latent = 64, .encoder = {1, 512}, .decoder = {1, 512}},
        .learning_rate_decay = 0.9998,
        .min_learning_rate = 1e-4,
        .clip_norm = 200,
        .beta_rate = 0.99,
        .free_bits = 0,
        .steps = 5'000}},
      // Two bars, so that notes are held over the bar line; from many pieces in each batch, because
      // bars of one piece are much alike.
      {"pianoroll-bars-small",
       "the bars of a conductor, for polyphony on two cores",
       {.codec = "pianoroll",
        .model = small_conductor(2),
        .learn = "bars",
        .batch_size = 128,
        .learning_rate = 7e-4,
        .learning_rate_decay = 0.9998,
        .min_learning_rate = 2e-5,
        .clip_norm = 200,
        .beta = 0.01,
        .beta_rate = 0.99,
        .free_bits = 0,
        .steps = 20'000,
        .validate_every = 500}},
      {"pianoroll-16bar-small",
       "their prior over 16 bars, which fills gaps too, begun from them by --init",
       {.codec = "pianoroll",
        .model = small_conductor(16),
        .learn = "prior",
        .batch_size = 16,
        .learning_rate = 2e-3,
        .learning_rate_decay = 0.9998,
        .min_learning_rate = 3e-5,
        .clip_norm = 1600,
        .beta = 0.01,
        .free_bits = 0,
        .gap_share = 0.5,
        .steps = 20'000,
        .validate_every = 500}},
      // The protocol of Music InpaintNet and SketchNet: 16 bars of melody on their 24 ticks a bar.
      {"inpaint-melody-16bar",
       "fills gaps in 16 bars of melody",
       {.codec = "melody-ticks",
        .steps_per_quarter = 12,
        .model = {.family = "masked",
                  .encoder_kind = EncoderKind::kHierarchical,
                  .encoder = {2, 512},
                  .decoder = {2, 1024}},
        .batch_size = 256,
        .free_bits = 128,
        .steps = 50'000,
        .validate_every = 500}},
      {"inpaint-melody-16bar-small",
       "the same for two cores",
       {.codec = "melody-ticks",
        .steps_per_quarter = 12,
        .model = {.family = "masked",
                  .latent = 64,
                  .encoder_kind = EncoderKind::kHierarchical,
                  .encoder = {1, 256},
                  .conductor = {1, 256},
                  .decoder = {2, 256}},
        .batch_size = 32,
        .learning_rate_decay = 0.9995,
        .min_learning_rate = 1e-4,
        .free_bits = 64,
        .steps = 10'000,
        .validate_every = 200}},
      {"inpaintnet-16bar-small", "Music InpaintNet in the same setting, for two cores",
       over_bar_vae("inpaintnet")},
      {"sketchnet-16bar-small", "Music SketchNet, likewise", over_bar_vae("sketchnet")},
      {"inpaint-notes-8bar-small",
       "fills gaps in 8 bars of polyphony, for two cores",
       {.model = {.family = "masked",
                  .bars = 8,
                  .latent = 64,
                  .encoder_kind = EncoderKind::kHierarchical,
                  .encoder = {1, 256},
                  .conductor = {1, 256},
                  .decoder = {2, 256}},
        .batch_size = 32,
        .learning_rate_decay = 0.9995,
        .min_learning_rate = 1e-4,
        .free_bits = 64,
        .steps = 10'000,
        .validate_every = 200}},
  };
  return all;
}

const Preset& find_preset(std::string_view name) {
  const auto found = std::find_if(presets().begin(), presets().end(),
                                  [&](const Preset& preset) { return preset.name == name; });
  if (found != presets().end()) return *found;
  std::string names;
  for (const Preset& preset : presets()) {
    names += (names.empty() ? "" : ", ") + std::string(preset.name);
  }
  throw Error("no preset is called '" + std::string(name) + "'; there are: " + names);
}

}  // namespace musicvae
