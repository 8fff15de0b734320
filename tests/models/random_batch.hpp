#pragma once

#include <cstdint>
#include <vector>

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "models/model.hpp"

/// Small models and random batches for the tests of models.
namespace musicvae::models {

inline torch::Generator seeded(std::uint64_t seed) {
  return at::make_generator<at::CPUGeneratorImpl>(seed);
}

inline ModelConfig small_config(const std::string& family, RowKind kind) {
  ModelConfig config;
  config.family = family;
  config.row_kind = kind;
  config.row_width = 5;
  config.control_width = 2;
  config.bars = 3;
  config.latent = 12;
  config.encoder = {2, 3};
  config.conductor = {2, 4};
  config.decoder = {2, 5};
  if (needs_pitches(family)) {
    config.pitch_first = 1;
    config.pitch_count = 3;
  }
  if (needs_slots(config)) config.rows_per_bar = 4;
  return config;
}

/// Latents of two passages of three bars.
inline torch::Tensor random_z(const ModelConfig& config, torch::Dtype type = torch::kFloat) {
  const bool bars = config.family == "conductor";
  return bars ? torch::randn({2, 3, config.latent}, seeded(9), type)
              : torch::randn({2, config.latent}, seeded(9), type);
}

/// Small configurations of every family, with every row kind, encoder and carry.
inline std::vector<ModelConfig> all_small_configs() {
  std::vector<ModelConfig> configs;
  for (const auto kind : {RowKind::kTokens, RowKind::kBits}) {
    for (const auto encoder : {EncoderKind::kFlat, EncoderKind::kHierarchical}) {
      for (const bool carry : {true, false}) {
        for (const auto& family : family_names()) {
          if (kind == RowKind::kBits && needs_pitches(family)) continue;
          configs.push_back(small_config(family, kind));
          configs.back().encoder_kind = encoder;
          configs.back().carry_row = carry;
        }
      }
    }
  }
  return configs;
}

inline torch::Tensor random_rows(const ModelConfig& config, std::vector<std::int64_t> sizes,
                                 torch::Generator generator) {
  if (config.row_kind == RowKind::kTokens) {
    return torch::randint(config.row_width, sizes, generator, torch::kLong);
  }
  sizes.push_back(config.row_width);
  return torch::randint(2, sizes, generator, torch::kFloat);
}

/// Two passages with ragged bars, one of them with an absent bar. Padding is junk.
inline Batch random_batch(const ModelConfig& config, std::uint64_t seed) {
  auto generator = seeded(seed);
  return {random_rows(config, {2, 3, 4}, generator),
          torch::tensor({4, 1, 3, 2, 4, 0}, torch::kLong).view({2, 3}),
          torch::randn({2, 3, config.control_width}, generator)};
}

inline Batch in_double(const Batch& batch) {
  const bool bits = batch.rows.is_floating_point();
  return {bits ? batch.rows.to(torch::kDouble) : batch.rows, batch.lengths_BU,
          batch.controls_BUC.to(torch::kDouble)};
}

/// True at the rows to be found: bool [B, U, R].
inline torch::Tensor target_mask_BUR(const Batch& batch) {
  return batch.rows_within(batch.target_lengths_BU());
}

/// Model::decode()'s logits where their rows lie, zeros elsewhere: [B, U, R, W].
inline torch::Tensor padded(const torch::Tensor& logits_PW, const Batch& batch) {
  auto sizes = batch.rows.sizes().slice(0, 3).vec();
  sizes.push_back(logits_PW.size(1));
  return batch.with_targets(logits_PW.new_zeros(sizes), logits_PW);
}

/// A model whose parameters, its heads' too, are far enough from 0 for every path to matter.
inline std::shared_ptr<Model> vivid_model(const ModelConfig& config, std::uint64_t seed) {
  auto generator = seeded(seed);
  auto model = make_model(config, generator);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : model->parameters()) parameter.normal_(0, 0.6, generator);
  return model;
}

/// Bars of the given lengths where every token but `forbidden` may come.
class FixedLengths : public RowConstraint {
 public:
  explicit FixedLengths(torch::Tensor lengths_BU, int forbidden = -1)
      : lengths_BU_(std::move(lengths_BU)),
        pushed_BU_(torch::zeros_like(lengths_BU_)),
        forbidden_(forbidden) {}

  void allowed(std::int64_t, std::int64_t, std::span<bool> mask) const override {
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<int>(i) != forbidden_;
  }
  void push(std::int64_t song, std::int64_t bar, int) override { pushed_BU_[song][bar] += 1; }
  bool finished(std::int64_t song, std::int64_t bar) const override {
    return (pushed_BU_[song][bar] >= lengths_BU_[song][bar]).item<bool>();
  }
  std::int64_t max_rows() const override { return lengths_BU_.max().item<std::int64_t>(); }

 private:
  torch::Tensor lengths_BU_;
  torch::Tensor pushed_BU_;
  int forbidden_;
};

}  // namespace musicvae::models
