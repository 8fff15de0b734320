#include "src/training/latent_scale.hpp"

#include <cstdint>
#include <vector>

#include <torch/utils.h>

#include "models/objective/elbo.hpp"
#include "src/music/generation.hpp"
#include "src/training/batch_loader.hpp"

namespace musicvae {
namespace {

/// Bars that are looked at, or a few more.
constexpr std::int64_t kBars = 8192;

/// Stream of the run's generator for the latents that are drawn.
constexpr std::uint64_t kScaleNoise = 3ULL << 40;

/// Sums over bars: how many there are, their latents, and the squares of these.
class Moments {
 public:
  explicit Moments(std::int64_t size) : sums_(torch::zeros({1 + 2 * size}, torch::kDouble)) {}

  void add(const torch::Tensor& z_NZ) {
    const auto values_NZ = z_NZ.to(torch::kCPU, torch::kDouble);
    const auto count = torch::full({1}, values_NZ.size(0), torch::kDouble);
    sums_ += torch::cat({count, values_NZ.sum(0), values_NZ.square().sum(0)});
  }
  /// Takes the sums of all processes.
  void share(const Distributed& processes) {
    const auto* first = sums_.data_ptr<double>();
    sums_ = torch::tensor(processes.sum({first, first + sums_.numel()}), torch::kDouble);
  }
  torch::Tensor mean_Z() const { return part(0) / sums_[0]; }
  torch::Tensor stddev_Z() const {
    return (part(1) / sums_[0] - mean_Z().square()).clamp_min(1e-12).sqrt();
  }

 private:
  torch::Tensor part(std::int64_t index) const {
    const auto size = sums_.size(0) / 2;
    return sums_.narrow(0, 1 + index * size, size);
  }

  torch::Tensor sums_;
};

}  // namespace

void fit_latent_scale(MusicModel& model, const datasets::Corpus& corpus,
                      const datasets::WindowOptions& windows, const Distributed& processes) {
  const torch::NoGradGuard no_grad;
  BatchLoader loader(model, corpus, windows, processes.share(windows.batch_size), 0);
  Moments moments(model.network->config().latent);
  // Every process takes as many batches as the others.
  const auto batches = 1 + kBars / (std::int64_t{windows.batch_size} * windows.bars);
  for (std::int64_t i = 0; i < batches; ++i) {
    const auto batch = loader.next();
    const auto posterior = model.network->encode(batch);
    auto generator = make_generator(windows.seed, kScaleNoise + static_cast<std::uint64_t>(i));
    const auto z_BUZ = models::sample_posterior_BZ(
        posterior, torch::randn(posterior.mu_BZ.sizes(), std::move(generator)));
    moments.add(z_BUZ.to(torch::kCPU).index({batch.lengths_BU > 0}));
  }
  moments.share(processes);
  model.network->set_latent_scale(moments.mean_Z().to(torch::kFloat),
                                  moments.stddev_Z().to(torch::kFloat));
}

}  // namespace musicvae
