#include <algorithm>

#include "src/base/error.hpp"
#include "src/training/training_options.hpp"

namespace musicvae {
namespace {

using models::EncoderKind;

// Sizes and schedules of cat-mel_2bar_big (Roberts et al. 2018; Magenta's configs.py).
TrainingOptions melody_2bar() {
  TrainingOptions options;
  options.codec = "melody";
  options.model.family = "flat";
  options.model.bars = 2;
  options.model.latent = 512;
  options.model.encoder = {1, 2048};
  options.model.decoder = {3, 2048};
  options.batch_size = 512;
  options.beta = 0.2;
  options.beta_rate = 0.99999;
  options.free_bits = 48;
  options.scheduled_sampling = 2000;
  options.steps = 50'000;
  options.validate_every = 500;
  return options;
}

// cat-mel_2bar_small's sizes.
TrainingOptions melody_2bar_small() {
  TrainingOptions options = melody_2bar();
  options.model.latent = 256;
  options.model.encoder = {1, 512};
  options.model.decoder = {2, 256};
  options.batch_size = 128;
  options.steps = 10'000;
  options.validate_every = 250;
  return options;
}

// hierdec-mel_16bar.
TrainingOptions melody_16bar() {
  TrainingOptions options;
  options.codec = "melody";
  options.model.family = "hierarchical";
  options.model.bars = 16;
  options.model.latent = 512;
  options.model.encoder = {2, 2048};
  options.model.conductor = {2, 1024};
  options.model.decoder = {2, 1024};
  options.batch_size = 512;
  options.beta = 0.2;
  options.free_bits = 256;
  options.steps = 100'000;
  options.validate_every = 500;
  return options;
}

TrainingOptions melody_16bar_small() {
  TrainingOptions options = melody_16bar();
  options.model.latent = 256;
  options.model.encoder_kind = EncoderKind::kHierarchical;
  options.model.encoder = {1, 256};
  options.model.conductor = {1, 256};
  options.model.decoder = {2, 256};
  options.batch_size = 64;
  options.steps = 10'000;
  options.validate_every = 100;
  return options;
}

// Polyphony needs three tokens a note, so passages are shorter and their information denser.
TrainingOptions notes_4bar() {
  TrainingOptions options;
  options.codec = "notes";
  options.model.family = "hierarchical";
  options.model.bars = 4;
  options.model.latent = 512;
  options.model.encoder_kind = EncoderKind::kHierarchical;
  options.model.encoder = {1, 1024};
  options.model.conductor = {1, 1024};
  options.model.decoder = {2, 1024};
  options.batch_size = 256;
  options.beta = 0.2;
  options.free_bits = 128;
  options.steps = 50'000;
  options.validate_every = 250;
  return options;
}

TrainingOptions notes_4bar_small() {
  TrainingOptions options = notes_4bar();
  options.model.latent = 128;
  options.model.encoder = {1, 256};
  options.model.conductor = {1, 256};
  options.model.decoder = {1, 256};
  options.batch_size = 64;
  options.steps = 5'000;
  options.validate_every = 100;
  return options;
}

// The protocol of Music InpaintNet and SketchNet: 16 bars of melody on their 24 ticks a bar.
TrainingOptions inpaint_melody_16bar() {
  TrainingOptions options;
  options.codec = "melody-ticks";
  options.steps_per_quarter = 12;
  options.model.family = "masked";
  options.model.bars = 16;
  options.model.latent = 256;
  options.model.encoder_kind = EncoderKind::kHierarchical;
  options.model.encoder = {2, 512};
  options.model.conductor = {1, 512};
  options.model.decoder = {2, 1024};
  options.batch_size = 256;
  options.beta = 0.2;
  options.free_bits = 128;
  options.steps = 50'000;
  options.validate_every = 500;
  return options;
}

TrainingOptions inpaint_melody_16bar_small() {
  TrainingOptions options = inpaint_melody_16bar();
  options.model.latent = 64;
  options.model.encoder = {1, 256};
  options.model.conductor = {1, 256};
  options.model.decoder = {2, 256};
  options.batch_size = 32;
  options.free_bits = 64;
  options.learning_rate_decay = 0.9995;
  options.min_learning_rate = 1e-4;
  options.steps = 10'000;
  options.validate_every = 200;
  return options;
}

// The paper's weight of the KL, 0.001 beside a mean over 24 ticks, beside our sum over them; hidden
// rows are for its leaving out of teacher forcing half of the time.
TrainingOptions inpaintnet_16bar_small() {
  TrainingOptions options = inpaint_melody_16bar();
  options.model.family = "inpaintnet";
  options.model.latent = 16 * 64;
  options.model.encoder = {1, 256};
  options.model.conductor = {1, 256};
  options.model.decoder = {2, 256};
  options.batch_size = 32;
  options.learning_rate = 2e-3;
  options.beta = 0.024;
  options.free_bits = 0;
  options.row_dropout = 0.5;
  options.gap_share = 1;
  options.whole_steps = 2'000;
  options.steps = 10'000;
  options.validate_every = 200;
  return options;
}

TrainingOptions sketchnet_16bar_small() {
  TrainingOptions options = inpaintnet_16bar_small();
  options.model.family = "sketchnet";
  return options;
}

TrainingOptions inpaint_notes_8bar_small() {
  TrainingOptions options = inpaint_melody_16bar_small();
  options.codec = "notes";
  options.steps_per_quarter = 4;
  options.model.bars = 8;
  return options;
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      {"melody-2bar", "flat, 2 bars of melody, the paper's size", melody_2bar()},
      {"melody-2bar-small", "the same for two cores", melody_2bar_small()},
      {"melody-16bar", "hierarchical, 16 bars of melody, the paper's size", melody_16bar()},
      {"melody-16bar-small", "the same for two cores", melody_16bar_small()},
      {"notes-4bar", "hierarchical, 4 bars of polyphony", notes_4bar()},
      {"notes-4bar-small", "the same for two cores", notes_4bar_small()},
      {"inpaint-melody-16bar", "fills gaps in 16 bars of melody", inpaint_melody_16bar()},
      {"inpaint-melody-16bar-small", "the same for two cores", inpaint_melody_16bar_small()},
      {"inpaintnet-16bar-small", "Music InpaintNet in the same setting, for two cores",
       inpaintnet_16bar_small()},
      {"sketchnet-16bar-small", "Music SketchNet, likewise", sketchnet_16bar_small()},
      {"inpaint-notes-8bar-small", "fills gaps in 8 bars of polyphony, for two cores",
       inpaint_notes_8bar_small()},
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
