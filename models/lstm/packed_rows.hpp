#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

namespace musicvae::models {

/// Where the real steps of N ragged sequences lie as P rows without padding: step after step, and
/// within a step the longest sequences first, so that the sequences still running are a prefix.
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
  /// Sequences that have a step `step`.
  std::int64_t active(std::int64_t step) const { return first_row_[step + 1] - first_row_[step]; }
  /// Row of the `rank`th longest sequence, of those active.
  std::int64_t row(std::int64_t step, std::int64_t rank) const { return first_row_[step] + rank; }
  std::int64_t sequence(std::int64_t rank) const { return order_[rank]; }
  /// Where a sequence begins if its real steps are laid out sequence after sequence instead.
  std::int64_t start(std::int64_t sequence) const { return starts_[sequence]; }

 private:
  std::vector<std::int64_t> order_;      ///< Sequences, longest first.
  std::vector<std::int64_t> first_row_;  ///< Of each step, and P.
  std::vector<std::int64_t> starts_;
  std::int64_t padded_steps_ = 0;
};

/// A row-major matrix whose row starts do not all fall on the same cache sets: rows are 16 floats
/// further apart than a multiple of 16. Values are undefined.
torch::Tensor staggered_matrix(std::int64_t rows, std::int64_t columns);

/// [N, T, F] to [P, F] and back, with zeros for padding; differentiable. Float on the CPU.
torch::Tensor pack_rows(std::shared_ptr<const PackedRows> layout, const torch::Tensor& padded_NTF);
torch::Tensor unpack_rows(std::shared_ptr<const PackedRows> layout, const torch::Tensor& packed_PF);

/// int64 [N, T] to P values, which must be -1 to `classes` - 1; throws c10::Error.
std::vector<std::int64_t> pack_tokens(const PackedRows& layout, const torch::Tensor& tokens_NT,
                                      std::int64_t classes);

}  // namespace musicvae::models
