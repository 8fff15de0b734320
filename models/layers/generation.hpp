#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/layers/bit_chain.hpp"
#include "models/model.hpp"

namespace musicvae::models {

/// One bar of one song.
struct BarId {
  std::int64_t song = 0;
  std::int64_t bar = 0;
};

/// Draws rows from logits under a constraint and keeps them, for any network. Sampling runs on the
/// CPU, where the constraint is.
class RowSampler {
 public:
  RowSampler(const ModelConfig& config, const SamplingOptions& options, RowConstraint& constraint,
             torch::Generator generator, torch::IntArrayRef songs_and_bars);
  /// Has the known bars of `batch` from the start.
  RowSampler(const ModelConfig& config, const SamplingOptions& options, RowConstraint& constraint,
             torch::Generator generator, const Batch& batch);

  /// From now on bits are drawn given each other. `chain` must outlive this.
  void chain_bits(const BitChainImpl& chain) { chain_ = &chain; }

  /// Whether the bar needs no more rows.
  bool finished(const BarId& bar) const;
  /// The places in `bars` of those bars that are not finished.
  std::vector<std::int64_t> unfinished(const std::vector<BarId>& bars) const;
  /// Draws and returns the next row of each of N unfinished bars, on the device of logits_NW: [N],
  /// or [N, W] for bits.
  torch::Tensor next(const std::vector<BarId>& bars, const torch::Tensor& logits_NW);
  /// The last row of each bar, on the CPU. A bar without rows, or before the first bar, gives "no
  /// row".
  torch::Tensor last_rows(const std::vector<BarId>& bars) const;

  const GeneratedRows& generated() const { return generated_; }

 private:
  RowSampler(const ModelConfig& config, const SamplingOptions& options, RowConstraint& constraint,
             torch::Generator generator, torch::IntArrayRef songs_and_bars, std::int64_t max_rows);

  torch::Tensor draw(const torch::Tensor& logits_NW, const std::vector<BarId>& bars);
  torch::Tensor allowed_tokens(const std::vector<BarId>& bars) const;
  void keep(const std::vector<BarId>& bars, const torch::Tensor& rows);
  std::int64_t& length(const BarId& bar) const;
  std::int64_t slot(const BarId& bar, std::int64_t row) const;

  ModelConfig config_;
  SamplingOptions options_;
  RowConstraint& constraint_;
  torch::Generator generator_;
  const BitChainImpl* chain_ = nullptr;
  GeneratedRows generated_;
  torch::Tensor slots_;  // A view of generated_.rows as [B U R] or [B U R, W].
};

/// The bars at `places`.
std::vector<BarId> select(const std::vector<BarId>& bars, const std::vector<std::int64_t>& places);

/// A CPU tensor of int64.
torch::Tensor index_tensor(const std::vector<std::int64_t>& values);

}  // namespace musicvae::models
