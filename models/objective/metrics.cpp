#include "models/objective/metrics.hpp"

#include <algorithm>
#include <cmath>

#include <torch/utils.h>

#include "models/layers/rows.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

const double kNatsABit = std::log(2.0);

double ratio(double numerator, double denominator) {
  return denominator == 0 ? 0 : numerator / denominator;
}

}  // namespace

double RowAccuracy::share() const {
  return ratio(static_cast<double>(correct), static_cast<double>(rows));
}

RowAccuracy& RowAccuracy::operator+=(const RowAccuracy& other) {
  correct += other.correct;
  rows += other.rows;
  return *this;
}

RowAccuracy reconstruction_accuracy(RowKind kind, const Batch& truth,
                                    const GeneratedRows& generated) {
  const auto on_cpu = truth.to(torch::kCPU);
  const auto shared = std::min(on_cpu.rows.size(2), generated.rows.size(2));
  const auto lengths_BU = torch::minimum(on_cpu.lengths_BU, generated.lengths_BU);
  const auto in_both_BUR = torch::arange(shared, torch::kLong) < lengths_BU.unsqueeze(-1);
  const auto equal_BUR =
      rows_equal(kind, on_cpu.rows.narrow(2, 0, shared), generated.rows.narrow(2, 0, shared));
  return {.correct = (equal_BUR & in_both_BUR).sum().item<std::int64_t>(),
          .rows = on_cpu.lengths_BU.sum().item<std::int64_t>()};
}

ElboMeter::ElboMeter(const std::vector<double>& sums) : sums_(torch::tensor(sums, torch::kDouble)) {
  TORCH_CHECK(sums_.sizes() == torch::IntArrayRef{kSums}, "a meter has ", int{kSums}, " sums");
}

void ElboMeter::add(const Loss& loss) {
  const torch::NoGradGuard no_grad;
  const auto passages = loss.kl_B.size(0);
  const auto add = torch::stack({
      loss.total.to(torch::kDouble) * passages,
      loss.reconstruction_B.sum(torch::kDouble),
      loss.kl_B.sum(torch::kDouble),
      loss.correct_rows.to(torch::kDouble),
      loss.rows.to(torch::kDouble),
      torch::full({}, passages, loss.kl_B.options().dtype(torch::kDouble)),
  });
  sums_ = send(sums_, add.device()) + add;
}

ElboMeter& ElboMeter::operator+=(const ElboMeter& other) {
  sums_ = send(sums_, other.sums_.device()) + other.sums_;
  return *this;
}

std::vector<double> ElboMeter::sums() const {
  const auto here = sums_.to(torch::kCPU);
  return {here.data_ptr<double>(), here.data_ptr<double>() + here.numel()};
}

double ElboMeter::loss() const { return ratio(sum(kLoss), sum(kPassages)); }

RowAccuracy ElboMeter::teacher_forced_accuracy() const {
  return {static_cast<std::int64_t>(sum(kCorrect)), static_cast<std::int64_t>(sum(kRows))};
}

double ElboMeter::bits_per_row() const {
  return ratio(sum(kReconstruction) / kNatsABit, sum(kRows));
}

double ElboMeter::kl_bits() const { return ratio(sum(kKl) / kNatsABit, sum(kPassages)); }

double ElboMeter::elbo_bits() const {
  return -ratio((sum(kReconstruction) + sum(kKl)) / kNatsABit, sum(kPassages));
}

void ActiveUnits::add(const torch::Tensor& mu_BZ) {
  const auto values_BZ = mu_BZ.detach().to(torch::kCPU, torch::kDouble).flatten(0, -2);
  const auto added = values_BZ.size(0);
  if (added == 0) return;
  const auto mean_Z = values_BZ.mean(0);
  const auto squares_Z = (values_BZ - mean_Z).square().sum(0);
  if (passages_ == 0) {
    mean_Z_ = mean_Z;
    squares_Z_ = squares_Z;
  } else {
    const auto delta_Z = mean_Z - mean_Z_;
    const double weight = ratio(static_cast<double>(added), static_cast<double>(passages_ + added));
    squares_Z_ =
        squares_Z_ + squares_Z + delta_Z.square() * static_cast<double>(passages_) * weight;
    mean_Z_ = mean_Z_ + delta_Z * weight;
  }
  passages_ += added;
}

std::int64_t ActiveUnits::count(double threshold) const {
  if (passages_ < 2) return 0;
  const auto variance_Z = squares_Z_ / static_cast<double>(passages_ - 1);
  return (variance_Z > threshold).sum().item<std::int64_t>();
}

}  // namespace musicvae::models
