#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include <torch/types.h>

#include "models/kernels/byte_matrix.hpp"
#include "models/kernels/compact_matrix.hpp"
#include "models/kernels/gemm.hpp"
#include "models/lstm/lstm.hpp"

namespace musicvae::models {

/// A unidirectional stack's weights laid out for single steps: in full for many sequences at once,
/// and for fewer in fewer bits, by panels of units that threads can share out. Each is laid out
/// when first asked for, until when the weights must not change. Float on the CPU.
class LstmStepWeights {
 public:
  /// Of one layer; `input` is of what a product feeds: dense vectors or the layer below.
  struct Layer {
    PackedMatrix recurrent;
    std::optional<PackedMatrix> input;
  };
  /// Of each panel of units, the columns of its four gates side by side.
  struct ByteLayer {
    std::vector<ByteMatrix> recurrent;
    std::vector<ByteMatrix> input;  ///< Empty where it would have no rows.
  };
  /// Weights alone in fewer bits, gate by gate.
  struct CompactLayer {
    std::vector<CompactMatrix> recurrent;
    std::vector<CompactMatrix> input;
  };

  LstmStepWeights(const LstmOptions& options, const std::vector<LstmWeights>& weights);

  static bool applies(const std::vector<LstmWeights>& weights);

  const std::vector<Layer>& full(Factors factors) const;
  /// These two are null where they cannot hold a weight.
  const std::vector<ByteLayer>* bytes() const;
  /// Units of a panel of those: a thread's share.
  std::int64_t byte_panel() const { return byte_panel_; }
  const std::vector<CompactLayer>* compact(Precision precision) const;

 private:
  torch::Tensor product_weights(std::size_t layer) const;
  bool few_bits_hold_weights() const;

  LstmOptions options_;
  std::vector<LstmWeights> weights_;
  std::int64_t byte_panel_;
  /// Made once, by whoever asks first.
  template <class T>
  struct Layers {
    std::once_flag made;
    std::vector<T> layers;
  };
  mutable Layers<Layer> floats_;
  mutable Layers<Layer> bfloat16s_;
  mutable Layers<ByteLayer> bytes_;
  mutable Layers<CompactLayer> compact_halves_;
  mutable Layers<CompactLayer> compact_bytes_;
};

}  // namespace musicvae::models
