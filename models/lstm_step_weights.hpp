#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include <torch/types.h>

#include "models/byte_matrix.hpp"
#include "models/compact_matrix.hpp"
#include "models/gemm.hpp"
#include "models/lstm.hpp"

namespace musicvae::models {

/// A unidirectional stack's weights laid out for single steps: in full for many sequences at once,
/// and for fewer by panels of units that threads can share out, in bfloat16 or in fewer bits. Each
/// is laid out when first asked for, until when the weights must not change. Float on the CPU.
class LstmStepWeights {
 public:
  /// Of one layer; `input` is of what a product feeds: dense vectors or the layer below.
  struct Layer {
    PackedMatrix recurrent;
    std::optional<PackedMatrix> input;
  };
  /// Units of a panel: few enough for threads to share out, enough to be worth a call.
  static constexpr std::int64_t kPanel = 128;
  /// The same for each panel of units, the columns of its four gates side by side.
  struct PanelLayer {
    std::vector<ByteMatrix> recurrent;
    std::vector<ByteMatrix> input;  ///< Empty where it would have no rows.
  };
  /// The same, gate by gate.
  struct CompactLayer {
    std::vector<CompactMatrix> recurrent;
    std::vector<CompactMatrix> input;
  };

  LstmStepWeights(const LstmOptions& options, const std::vector<LstmWeights>& weights);

  static bool applies(const std::vector<LstmWeights>& weights);

  const std::vector<Layer>& full(Factors factors) const;
  /// These two are null where they cannot hold a weight.
  const std::vector<PanelLayer>* panels() const;
  const std::vector<CompactLayer>* compact(Precision precision) const;

 private:
  torch::Tensor product_weights(std::size_t layer) const;
  bool compact_layers_hold_weights() const;

  LstmOptions options_;
  std::vector<LstmWeights> weights_;
  /// Made once, by whoever asks first.
  template <class T>
  struct Layers {
    std::once_flag made;
    std::vector<T> layers;
  };
  mutable Layers<Layer> floats_;
  mutable Layers<Layer> bfloat16s_;
  mutable Layers<PanelLayer> panels_;
  mutable Layers<CompactLayer> halves_;
  mutable Layers<CompactLayer> bytes_;
};

}  // namespace musicvae::models
