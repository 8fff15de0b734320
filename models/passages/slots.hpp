#pragma once

#include <cstdint>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "models/batch.hpp"
#include "models/config.hpp"
#include "models/layers/generation.hpp"

/// Passages as one vector: every row of every bar has places of its own in it, its slot, whether or
/// not a bar has so many rows.
namespace musicvae::models {

/// ModelConfig::bars times rows_per_bar rows of row_width numbers: bits, or one-hot tokens. Bars
/// and rows that a batch does not reach may be left out at the end of either.
struct Slots {
  std::int64_t bars = 0;
  std::int64_t rows = 0;
  std::int64_t width = 0;

  std::int64_t size() const { return bars * rows * width; }
};

Slots slots_of(const ModelConfig& config);

/// The slots that a batch needs. Throws ModelError where it has more bars or rows than the model.
Slots slots_of(const ModelConfig& config, const Batch& batch);

/// The rows of a batch in these slots, [B, size()]; 0 in padding. They have a gradient where bits
/// do.
torch::Tensor rows_in_slots(const ModelConfig& config, const Batch& batch, const Slots& slots);

/// Logits in slots, [B, size()], of the rows to be found: [P, W].
torch::Tensor logits_at_targets(const torch::Tensor& logits_BD, const Slots& slots,
                                const Batch& batch);

/// Draws the rows of all present bars, whose logits [B, U, R, W] do not depend on each other.
void draw_independent_rows(RowSampler& sampler, const torch::Tensor& logits_BURW,
                           const torch::Tensor& present_BU);

/// A weight for every slot and each of `units` units: [units, size()]. Either way it is multiplied
/// by the slots in use alone.
class SlotWeightsImpl : public torch::nn::Module {
 public:
  SlotWeightsImpl(const ModelConfig& config, std::int64_t units, double stddev,
                  torch::Generator generator);

  /// [units, used.size()].
  torch::Tensor of(const Slots& used) const;
  /// [units, size()].
  const torch::Tensor& all() const { return weight_; }

 private:
  Slots slots_;
  torch::Tensor weight_;
};
TORCH_MODULE(SlotWeights);

}  // namespace musicvae::models
