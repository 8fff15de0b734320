#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/objective/loss.hpp"

/// The figures that are reported of a model. Each is defined here and nowhere else.
namespace musicvae::models {

/// Rows that came out right.
struct RowAccuracy {
  std::int64_t correct = 0;
  std::int64_t rows = 0;

  double share() const;  ///< 0 for no rows.
  RowAccuracy& operator+=(const RowAccuracy& other);
};

/// Reconstruction accuracy, "sampling" in Roberts et al. 2018, table 1: the share of true rows
/// whose generated row at the same bar and position is equal. A missing row is wrong; rows beyond
/// the true ones do not count. `truth` may be on any device.
RowAccuracy reconstruction_accuracy(RowKind kind, const Batch& truth,
                                    const GeneratedRows& generated);

/// Sums over passages of what compute_loss() gives. They stay on the loss's device, so add() does
/// not wait for it; every figure does. All figures are 0 before anything was added.
class ElboMeter {
 public:
  ElboMeter() = default;
  /// Takes the total of several meters' sums().
  explicit ElboMeter(const std::vector<double>& sums);

  void add(const Loss& loss);
  ElboMeter& operator+=(const ElboMeter& other);
  std::vector<double> sums() const;
  /// Whether all sums are finite: a bool scalar on the losses' device.
  torch::Tensor finite() const { return torch::isfinite(sums_).all(); }

  std::int64_t passages() const { return static_cast<std::int64_t>(sum(kPassages)); }
  /// The minimised loss, as a mean over passages.
  double loss() const;
  /// "Teacher forcing" in Roberts et al. 2018, table 1: rows whose likeliest value, given the true
  /// rows before, is the true one.
  RowAccuracy teacher_forced_accuracy() const;
  /// -log2 p(x | z) divided by the number of rows.
  double bits_per_row() const;
  /// KL(q(z|x) || p(z)) of a passage, in bits, without free bits or beta.
  double kl_bits() const;
  /// E log2 p(x|z) - KL of a passage, in bits: a lower bound of log2 p(x), so below 0 for tokens.
  double elbo_bits() const;

 private:
  enum Sum : std::int64_t { kLoss, kReconstruction, kKl, kCorrect, kRows, kPassages, kSums };

  double sum(Sum which) const { return sums_[which].item<double>(); }

  torch::Tensor sums_ = torch::zeros(kSums, torch::kDouble);  // Nats and counts.
};

/// Active units (Burda et al. 2016, section 5.2): dimensions of z whose posterior mean varies by
/// more than 0.01 over the data. Batches are merged as in Chan et al. 1979, in double.
class ActiveUnits {
 public:
  void add(const torch::Tensor& mu_BZ);
  /// 0 before the second passage.
  std::int64_t count(double threshold = 0.01) const;

 private:
  std::int64_t passages_ = 0;
  torch::Tensor mean_Z_;
  torch::Tensor squares_Z_;  // Sum of squared distances from the mean.
};

}  // namespace musicvae::models
