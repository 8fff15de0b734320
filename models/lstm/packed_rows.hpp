#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

namespace musicvae::models {

/// How the real steps of N ragged sequences lie as P rows without padding: step after step, and
/// within a step the longest sequences first. So the sequences that are still running come first.
class PackedRows {
 public:
  /// Throws c10::Error unless all lengths are 0 to `steps`. `lengths_N` may be undefined: all
  /// `steps`.
  PackedRows(const torch::Tensor& lengths_N, std::int64_t sequences, std::int64_t steps);

  std::int64_t sequences() const { return static_cast<std::int64_t>(order_.size()); }
  /// T of the padded layout.
  std::int64_t padded_steps() const { return padded_steps_; }
  /// The longest sequence's length.
  std::int64_t steps() const { return static_cast<std::int64_t>(first_row_.size()) - 1; }
  std::int64_t rows() const { return first_row_.back(); }
  /// The number of sequences that have a step `step`.
  std::int64_t active(std::int64_t step) const { return first_row_[step + 1] - first_row_[step]; }
  /// The row of the sequence of rank `rank`, counted from the longest, which must be active.
  std::int64_t row(std::int64_t step, std::int64_t rank) const { return first_row_[step] + rank; }
  std::int64_t sequence(std::int64_t rank) const { return order_[rank]; }
  /// The row at which a sequence begins when rows lie sequence after sequence instead.
  std::int64_t start(std::int64_t sequence) const { return starts_[sequence]; }

 private:
  std::vector<std::int64_t> order_;      ///< Sequences, longest first.
  std::vector<std::int64_t> first_row_;  ///< The first row of each step, and P.
  std::vector<std::int64_t> starts_;
  std::int64_t padded_steps_ = 0;
};

/// A row-major matrix with undefined values. At least 16 floats stand between two rows, so that row
/// starts do not all fall on the same cache sets.
torch::Tensor staggered_matrix(std::int64_t rows, std::int64_t columns);

/// [N, T, F] to [P, F] and back, with zeros for padding; differentiable. Float on the CPU.
torch::Tensor pack_rows(std::shared_ptr<const PackedRows> layout, const torch::Tensor& padded_NTF);
torch::Tensor unpack_rows(std::shared_ptr<const PackedRows> layout, const torch::Tensor& packed_PF);

/// int64 [N, T] to P values. Throws c10::Error unless they are -1 to `classes` - 1.
std::vector<std::int64_t> pack_tokens(const PackedRows& layout, const torch::Tensor& tokens_NT,
                                      std::int64_t classes);

}  // namespace musicvae::models
