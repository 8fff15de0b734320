#include "models/families/pca.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/layers/generation.hpp"
#include "models/passages/slots.hpp"

namespace musicvae::models {
namespace {

/// Probabilities are cut to this distance from 0 and 1, so that logits are finite.
constexpr double kLeastProbability = 1e-3;

/// Below this share of the largest variance passages do not differ along an axis.
constexpr double kLeastVariance = 1e-9;

/// Vectors of zeros and ones, most of them zeros: kept as the places of the ones.
class BinaryVectors {
 public:
  explicit BinaryVectors(std::int64_t size) : ones_(torch::zeros({size}, torch::kDouble)) {}

  void add(const torch::Tensor& vectors_BD) {
    ones_ += vectors_BD.sum(0, false, torch::kDouble);
    for (std::int64_t i = 0; i < vectors_BD.size(0); ++i) {
      places_.push_back(vectors_BD[i].nonzero().squeeze(1));
    }
  }
  std::int64_t count() const { return static_cast<std::int64_t>(places_.size()); }
  /// The places that are neither always 0 nor always 1.
  torch::Tensor varying() const {
    return ((ones_ > 0) & (ones_ < double(count()))).nonzero().squeeze(1);
  }
  torch::Tensor mean_D() const { return ones_ / double(count()); }
  /// How often two of the places `columns` are 1 together: [A, A], in double.
  torch::Tensor counts_together(const torch::Tensor& columns) const;
  /// The vectors less their mean, at the places `columns` alone: [N, A], in double.
  torch::Tensor centred(const torch::Tensor& columns) const;

 private:
  std::vector<torch::Tensor> places_;
  torch::Tensor ones_;
};

torch::Tensor BinaryVectors::counts_together(const torch::Tensor& columns) const {
  const auto width = columns.size(0);
  const auto column_D = torch::full({ones_.size(0)}, -1, torch::kLong)
                            .index_copy(0, columns, torch::arange(width, torch::kLong));
  auto counts = torch::zeros({width, width}, torch::kDouble);
  auto* const count = counts.data_ptr<double>();
  for (const auto& places : places_) {
    const auto own = column_D.index_select(0, places);
    const auto kept = own.masked_select(own >= 0);
    const std::span ones(kept.data_ptr<std::int64_t>(), static_cast<std::size_t>(kept.numel()));
    for (const auto one : ones) {
      for (const auto other : ones) ++count[one * width + other];
    }
  }
  return counts;
}

torch::Tensor BinaryVectors::centred(const torch::Tensor& columns) const {
  auto vectors = torch::zeros({count(), columns.size(0)}, torch::kDouble);
  auto whole_D = torch::zeros({ones_.size(0)}, torch::kDouble);
  for (std::int64_t i = 0; i < count(); ++i) {
    const auto& places = places_[static_cast<std::size_t>(i)];
    whole_D.index_fill_(0, places, 1);
    vectors[i].copy_(whole_D.index_select(0, columns));
    whole_D.index_fill_(0, places, 0);
  }
  return vectors - mean_D().index_select(0, columns);
}

/// Axes [A, k] and variances [k] of vectors at their varying places, the largest first.
struct Axes {
  torch::Tensor axis_AK;
  torch::Tensor variance_K;
};

/// The largest eigenvalues and their vectors, largest first, of a symmetric matrix of which all are
/// wanted, or many.
Axes largest_of_all(const torch::Tensor& symmetric, std::int64_t k) {
  const auto [values, vectors] = torch::linalg_eigh(symmetric);
  const auto first = values.size(0) - k;
  return {vectors.narrow(1, first, k).flip(1), values.narrow(0, first, k).flip(0)};
}

/// The same of a large symmetric matrix without eigenvalues below 0, by subspace iteration (Golub
/// and Van Loan 2013, section 8.2.4) until no eigenvalue changes in its twelfth digit.
Axes largest_of_many(const torch::Tensor& symmetric, std::int64_t k) {
  constexpr int kMostRounds = 1000;
  constexpr double kTolerance = 1e-12;
  const auto spare = std::min(2 * k + 8, symmetric.size(0));
  const auto start = std::get<1>(symmetric.diagonal().topk(spare));
  auto basis = std::get<0>(torch::linalg_qr(symmetric.index_select(1, start)));
  Axes found;
  for (int round = 0; round < kMostRounds; ++round) {
    const auto image = torch::matmul(symmetric, basis);
    const auto inner = largest_of_all(torch::matmul(basis.t(), image), k);
    const bool settled =
        found.variance_K.defined() &&
        ((inner.variance_K - found.variance_K).abs() <= kTolerance * inner.variance_K[0])
            .all()
            .item<bool>();
    found = {torch::matmul(basis, inner.axis_AK), inner.variance_K};
    if (settled) break;
    basis = std::get<0>(torch::linalg_qr(image));
  }
  return found;
}

Axes largest(const torch::Tensor& symmetric, std::int64_t k) {
  constexpr std::int64_t kSmall = 1024;
  const bool few = symmetric.size(0) > kSmall && 4 * k < symmetric.size(0);
  return few ? largest_of_many(symmetric, k) : largest_of_all(symmetric, k);
}

/// By the covariance of the places.
Axes axes_by_places(const BinaryVectors& vectors, const torch::Tensor& columns, std::int64_t k) {
  const auto mean_A = vectors.mean_D().index_select(0, columns);
  const auto moment_AA = vectors.counts_together(columns) / double(vectors.count());
  return largest(moment_AA - torch::outer(mean_A, mean_A), k);
}

/// By the products of the vectors with each other, which is less work where they are few.
Axes axes_by_vectors(const BinaryVectors& vectors, const torch::Tensor& columns, std::int64_t k) {
  const auto all = vectors.centred(columns);
  auto axes = largest(torch::matmul(all, all.t()) / double(vectors.count()), k);
  const auto lengths_K = (axes.variance_K * double(vectors.count())).clamp_min(1e-12).sqrt();
  axes.axis_AK = torch::matmul(all.t(), axes.axis_AK) / lengths_K;
  return axes;
}

/// By whichever is less work.
Axes find_axes(const BinaryVectors& vectors, const torch::Tensor& columns, std::int64_t k) {
  return columns.size(0) <= vectors.count() ? axes_by_places(vectors, columns, k)
                                            : axes_by_vectors(vectors, columns, k);
}

/// How many axes there are along which vectors differ; `variance_K` descends.
std::int64_t different_axes(const torch::Tensor& variance_K) {
  return (variance_K > kLeastVariance * variance_K[0]).sum().item<std::int64_t>();
}

class Pca : public Model {
 public:
  Pca(const ModelConfig& config, torch::Generator generator)
      : Model(config),
        mean_(register_parameter("mean", torch::zeros({slots_of(config).size()}), false)),
        axis_(config, config.latent, 1 / std::sqrt(double(slots_of(config).size())),
              std::move(generator)),
        scale_(register_parameter("scale", torch::ones({config.latent}), false)) {
    register_module("axis", axis_);
    for (auto& parameter : parameters()) parameter.set_requires_grad(false);
  }

  Posterior encode(const Batch& batch) override {
    const auto rows_BD = rows_in_slots(config(), batch, slots_of(config()));
    slots_of(config(), batch);  // Refuses passages that are too long.
    const auto mu_BZ = torch::matmul(rows_BD - mean_, axis_->all().t()) / scale_;
    return {mu_BZ, torch::ones_like(mu_BZ)};
  }
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& /*inputs*/) override {
    return logits_at_targets(logits_BD(z_BZ), slots_of(config()), batch);
  }
  void fit(const NextBatch& next) override;

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  torch::Tensor logits_BD(const torch::Tensor& z_BZ) const;
  void take_axes(const Axes& axes, const torch::Tensor& columns);

  torch::Tensor mean_;
  SlotWeights axis_;
  torch::Tensor scale_;
};

torch::Tensor Pca::logits_BD(const torch::Tensor& z_BZ) const {
  const auto rows_BD = mean_ + torch::matmul(z_BZ * scale_, axis_->all());
  const auto p = rows_BD.clamp(kLeastProbability, 1 - kLeastProbability);
  // Tokens' logits are relative to each other; bits' to silence.
  return config().row_kind == RowKind::kBits ? torch::logit(p) : p.log();
}

GeneratedRows Pca::generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& /*controls_BUC*/,
                                 const torch::Tensor& present_BU, const SamplingOptions& options,
                                 RowConstraint& constraint, torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  const auto all = slots_of(config());
  const auto bars = std::min(all.bars, present_BU.size(1));
  draw_independent_rows(
      sampler, logits_BD(z_BZ).view({-1, all.bars, all.rows, all.width}).narrow(1, 0, bars),
      present_BU.narrow(1, 0, bars));
  return sampler.generated();
}

void Pca::fit(const NextBatch& next) {
  const torch::NoGradGuard no_grad;
  const auto slots = slots_of(config());
  BinaryVectors vectors(slots.size());
  while (const auto batch = next()) {
    slots_of(config(), *batch);
    vectors.add(rows_in_slots(config(), *batch, slots).to(torch::kCPU));
  }
  if (vectors.count() == 0) throw ModelError("there is no passage to find axes of");
  const auto columns = vectors.varying();
  const auto most = std::min(columns.size(0), vectors.count() - 1);  // Axes that there can be.
  const auto k = std::min(std::int64_t{config().latent}, most);
  mean_.copy_(vectors.mean_D());
  axis_->all().detach().zero_();
  scale_.fill_(1);
  if (k > 0) take_axes(find_axes(vectors, columns, k), columns);
}

/// Takes the axes along which passages differ.
void Pca::take_axes(const Axes& axes, const torch::Tensor& columns) {
  const auto found = different_axes(axes.variance_K);
  auto axis_KD = torch::zeros({found, slots_of(config()).size()}, torch::kDouble);
  axis_KD.index_copy_(1, columns, axes.axis_AK.t().narrow(0, 0, found));
  axis_->all().detach().narrow(0, 0, found).copy_(axis_KD);
  scale_.narrow(0, 0, found).copy_(axes.variance_K.narrow(0, 0, found).sqrt());
}

}  // namespace

std::shared_ptr<Model> make_pca(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<Pca>(config, std::move(generator));
}

std::int64_t pca_weights(const ModelConfig& config) {
  return slots_of(config).size() * config.latent;
}

}  // namespace musicvae::models
