#include "models/families/tuned.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "models/latent/registry.hpp"
#include "models/layers/dense.hpp"

namespace musicvae::models {
namespace {

constexpr std::array<std::int64_t, 3> kSizes = {1024, 256, 64};
constexpr std::int64_t kBatch = 64;
constexpr double kLearningRate = 1e-3;
constexpr double kFirstMoment = 0.9, kSecondMoment = 0.999, kTiny = 1e-8;
/// Weight of the divergence from N(0, I). Below 1 as few pieces leave room in four dimensions.
constexpr double kBeta = 0.5;

ModelConfig small_config(const Model& base, int latent) {
  ModelConfig config = base.config();
  config.latent = latent;
  config.posterior = "gaussian";
  if (!base.has_bar_latents()) config.prior = "normal";
  return config;
}

/// Dense layers of these widths with ReLU between them.
std::vector<Dense> make_stack(const std::vector<std::int64_t>& widths,
                              const torch::Generator& generator) {
  std::vector<Dense> stack;
  for (std::size_t i = 1; i < widths.size(); ++i) {
    const double stddev = std::sqrt(2.0 / double(widths[i - 1]));
    stack.emplace_back(widths[i - 1], widths[i], stddev, generator);
  }
  return stack;
}

torch::Tensor through(std::vector<Dense>& stack, torch::Tensor x, bool ends_linear) {
  for (std::size_t i = 0; i < stack.size(); ++i) {
    x = stack[i](x);
    if (!ends_linear || i + 1 < stack.size()) x = torch::relu(x);
  }
  return x;
}

/// A constraint whose bars are counted from a later one. Bars before it are never asked for.
class LaterConstraint : public RowConstraint {
 public:
  LaterConstraint(RowConstraint& constraint, std::int64_t bars)
      : constraint_(constraint), bars_(bars) {}

  void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const override {
    constraint_.allowed(song, bar - bars_, mask);
  }
  void push(std::int64_t song, std::int64_t bar, int token) override {
    constraint_.push(song, bar - bars_, token);
  }
  BitRule rule(std::int64_t song, std::int64_t bar) const override {
    return constraint_.rule(song, bar - bars_);
  }
  void push_bits(std::int64_t song, std::int64_t bar, std::span<const float> bits) override {
    constraint_.push_bits(song, bar - bars_, bits);
  }
  bool finished(std::int64_t song, std::int64_t bar) const override {
    return bar < bars_ || constraint_.finished(song, bar - bars_);
  }
  std::int64_t max_rows() const override { return constraint_.max_rows(); }

 private:
  RowConstraint& constraint_;
  std::int64_t bars_;
};

/// `layout` after `bars` bars like its first.
Batch with_bars_before(const Batch& layout, std::int64_t bars) {
  const auto before = [bars](const torch::Tensor& tensor) {
    auto sizes = tensor.sizes().vec();
    sizes[1] = bars;
    return torch::cat({tensor.narrow(1, 0, 1).expand(sizes), tensor}, 1);
  };
  return {before(layout.rows), before(layout.lengths_BU), before(layout.controls_BUC)};
}

/// Adam (Kingma and Ba 2015) over a few tensors.
class SmallAdam {
 public:
  explicit SmallAdam(std::vector<torch::Tensor> parameters) : parameters_(std::move(parameters)) {
    for (const auto& parameter : parameters_) {
      first_.push_back(torch::zeros_like(parameter));
      second_.push_back(torch::zeros_like(parameter));
    }
  }

  void step(double rate) {
    const torch::NoGradGuard no_grad;
    ++steps_;
    const double unbiased =
        std::sqrt(1 - std::pow(kSecondMoment, steps_)) / (1 - std::pow(kFirstMoment, steps_));
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      auto& parameter = parameters_[i];
      const auto gradient = parameter.grad();
      if (!gradient.defined()) continue;
      first_[i].mul_(kFirstMoment).add_(gradient, 1 - kFirstMoment);
      second_[i].mul_(kSecondMoment).addcmul_(gradient, gradient, 1 - kSecondMoment);
      parameter.addcdiv_(first_[i], second_[i].sqrt().add_(kTiny), -rate * unbiased);
      parameter.mutable_grad() = torch::Tensor();
    }
  }

 private:
  std::vector<torch::Tensor> parameters_, first_, second_;
  int steps_ = 0;
};

}  // namespace

struct Tuned::Layers {
  std::vector<Dense> into, out_of;
  Dense mu{nullptr}, sigma{nullptr};
};

Tuned::Tuned(std::shared_ptr<Model> base, int latent, std::int64_t pieces,
             torch::Generator generator)
    : Model(small_config(*base, latent)),
      base_(std::move(base)),
      layers_(std::make_unique<Layers>()) {
  const std::int64_t size = base_->config().latent;
  layers_->into = make_stack({size, kSizes[0], kSizes[1], kSizes[2]}, generator);
  layers_->out_of = make_stack({latent, kSizes[2], kSizes[1], kSizes[0], size}, generator);
  layers_->mu = Dense(kSizes[2], latent, kHeadStddev, generator);
  layers_->sigma = Dense(kSizes[2], latent, kHeadStddev, generator);
  for (std::size_t i = 0; i < layers_->into.size(); ++i) {
    register_module("into" + std::to_string(i), layers_->into[i]);
  }
  for (std::size_t i = 0; i < layers_->out_of.size(); ++i) {
    register_module("out_of" + std::to_string(i), layers_->out_of[i]);
  }
  register_module("mu", layers_->mu);
  register_module("sigma", layers_->sigma);
  pieces_NZ_ = register_parameter("pieces", torch::zeros({pieces, size}), false);
  add_latent(*this, generator);
}

Tuned::~Tuned() = default;

/// A blend of bars is shorter than each of them, and short latents decode to few notes, so all get
/// the length that the pieces' latents have on average.
torch::Tensor Tuned::lift(const torch::Tensor& small) {
  const auto large = through(layers_->out_of, small, true);
  const auto length = pieces_NZ_.norm(2, -1).mean();
  return large * (length / (large.norm(2, -1, true) + kTiny));
}

Posterior Tuned::project(const torch::Tensor& large) {
  const auto read = through(layers_->into, large, false);
  return {layers_->mu(read), torch::softplus(layers_->sigma(read)) + kTiny};
}

void Tuned::learn(const Posterior& posterior, int steps, torch::Generator generator) {
  {
    const torch::NoGradGuard no_grad;
    pieces_NZ_.copy_(posterior.mu_BZ);
  }
  std::vector<torch::Tensor> parameters;
  for (const auto& parameter : this->parameters()) {
    if (parameter.requires_grad()) parameters.push_back(parameter);
  }
  SmallAdam adam(parameters);
  const auto count = posterior.mu_BZ.size(0);
  const auto noise = [&](const torch::Tensor& like) {
    return torch::randn(like.sizes(), generator).to(like.options());
  };
  for (int step = 0; step < steps; ++step) {
    const auto which = torch::randint(count, {kBatch}, generator).to(posterior.mu_BZ.device());
    const auto mu_NZ = posterior.mu_BZ.index_select(0, which);
    const auto sigma_NZ = posterior.sigma_BZ.index_select(0, which);
    const auto small = project(mu_NZ + sigma_NZ * noise(mu_NZ));
    const auto z = small.mu_BZ + small.sigma_BZ * noise(small.mu_BZ);
    const auto error = (lift(z) - mu_NZ).square().sum(-1) / 2;
    const auto divergence =
        (small.mu_BZ.square() + small.sigma_BZ.square() - 1 - 2 * small.sigma_BZ.log()).sum(-1) / 2;
    (error + kBeta * divergence).mean().backward();
    adam.step(kLearningRate * (1 - double(step) / steps));
  }
}

Posterior Tuned::encode(const Batch& batch) { return project(base_->encode(batch).mu_BZ); }

torch::Tensor Tuned::decode(const torch::Tensor& z_BZ, const Batch& batch,
                            const torch::Tensor& inputs) {
  return base_->decode(lift(z_BZ), batch, inputs);
}

torch::Tensor Tuned::draw_latents(const Batch& layout, const SamplingOptions& options,
                                  RowConstraint& constraint, torch::Generator generator,
                                  const torch::Tensor& given_BKZ) {
  if (!has_bar_latents()) {
    return Model::draw_latents(layout, options, constraint, std::move(generator), given_BKZ);
  }
  const auto songs = layout.controls_BUC.size(0), bars = layout.controls_BUC.size(1);
  if (given_BKZ.defined()) {
    const auto z =
        project(base_->draw_z(layout, options, constraint, std::move(generator), lift(given_BKZ)))
            .mu_BZ;
    return torch::cat({given_BKZ, z.narrow(1, given_BKZ.size(1), bars - given_BKZ.size(1))}, 1);
  }
  const auto known = std::min(kPrimingBars, pieces_NZ_.size(0));
  const auto starts = torch::randint(pieces_NZ_.size(0) - known + 1, {songs}, generator);
  std::vector<torch::Tensor> primes;
  for (std::int64_t song = 0; song < songs; ++song) {
    primes.push_back(pieces_NZ_.narrow(0, starts[song].item<std::int64_t>(), known));
  }
  LaterConstraint later(constraint, known);
  const auto drawn = base_->draw_z(with_bars_before(layout, known), options, later,
                                   std::move(generator), torch::stack(primes));
  return project(drawn.narrow(1, known, bars)).mu_BZ;
}

GeneratedRows Tuned::generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                   const torch::Tensor& present_BU, const SamplingOptions& options,
                                   RowConstraint& constraint, torch::Generator generator) {
  return base_->generate(lift(z_BZ), controls_BUC, present_BU, options, constraint,
                         std::move(generator));
}

/// Fills belong to the bars around them, which are the base's.
GeneratedRows Tuned::inpaint_rows(const torch::Tensor& /*z_BZ*/, const Batch& batch,
                                  const SamplingOptions& options, RowConstraint& constraint,
                                  torch::Generator generator) {
  return base_->inpaint(base_->encode(batch).mu_BZ, batch, options, constraint,
                        std::move(generator));
}

}  // namespace musicvae::models
