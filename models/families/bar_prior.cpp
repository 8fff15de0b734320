#include "models/families/bar_prior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <torch/utils.h>

namespace musicvae::models {
namespace {

const double kHalfLogTwoPi = 0.5 * std::log(2 * M_PI);
constexpr double kImpossible = -std::numeric_limits<double>::infinity();

/// Units of the layer that says how repeats differ.
constexpr std::int64_t kNearHidden = 256;
/// Log scales of repeats stay within this, so that no bar gets an unbounded density.
constexpr double kNearBound = 4;
/// At first a fifth of all bars are taken for repeats, whose noise is a third of the latents'.
constexpr double kFirstRepeats = -1.5, kFirstLogScale = -1;

int input_width(const ModelConfig& config) { return 2 * config.latent + config.control_width; }

double unit_stddev(std::int64_t inputs) { return 1 / std::sqrt(double(inputs)); }

/// The values of `bars` bars before, and zeros where there are none.
torch::Tensor earlier(const torch::Tensor& values_BUD, std::int64_t bars) {
  const auto kept = std::max<std::int64_t>(values_BUD.size(1) - bars, 0);
  return torch::constant_pad_nd(values_BUD.narrow(1, 0, kept),
                                {0, 0, values_BUD.size(1) - kept, 0});
}

torch::Tensor log_unit_normal(const torch::Tensor& normal) {
  return -0.5 * normal.square().sum(-1) - kHalfLogTwoPi * static_cast<double>(normal.size(-1));
}

/// Picks a source of each song for each of N numbers from [0, 1): [B, N].
torch::Tensor picked(const torch::Tensor& log_share_BS, const torch::Tensor& numbers_BN) {
  const auto sums_B1S = log_share_BS.exp().cumsum(-1).unsqueeze(1);
  const auto total_B11 = sums_B1S.narrow(-1, sums_B1S.size(-1) - 1, 1);
  return (sums_B1S / total_B11 <= numbers_BN.unsqueeze(-1)).sum(-1) - 1;
}

}  // namespace

BarPriorImpl::BarPriorImpl(const ModelConfig& config, torch::Generator generator)
    // Layers look back one after the other, and the first reads two bars before.
    : reach_((config.conductor.layers + 1) * (std::int64_t{config.bars} - 1) + 2),
      mean_(register_buffer("mean", torch::zeros({config.latent}))),
      stddev_(register_buffer("stddev", torch::ones({config.latent}))),
      input_(input_width(config), config.conductor.hidden, unit_stddev(input_width(config)),
             generator),
      transformer_(config.conductor, config.bars, generator),
      flow_(FlowSize{config.latent, config.conductor.hidden, config.couplings}, generator),
      repeats_(config.conductor.hidden, 1, unit_stddev(config.conductor.hidden), generator),
      pointer_(config.conductor.hidden, config.bars, 1, generator),
      near_hidden_(config.latent, kNearHidden, unit_stddev(config.latent), generator),
      near_(kNearHidden, 2 * config.latent, 1e-3, generator) {
  register_module("input", input_);
  register_module("transformer", transformer_);
  register_module("flow", flow_);
  register_module("repeats", repeats_);
  register_module("pointer", pointer_);
  register_module("near_hidden", near_hidden_);
  register_module("near", near_);
  const torch::NoGradGuard no_grad;
  repeats_->bias().detach().fill_(kFirstRepeats);
  near_->bias().detach().narrow(0, config.latent, config.latent).fill_(kFirstLogScale);
}

torch::Tensor BarPriorImpl::log_density_BU(const torch::Tensor& z_BUZ,
                                           const torch::Tensor& controls_BUC) {
  const auto whitened_BUZ = whiten(z_BUZ);
  const auto told = context(whitened_BUZ, controls_BUC);
  const auto joint_BUS = told.log_share_BUS + log_densities_BUS(whitened_BUZ, told);
  return torch::logsumexp(joint_BUS, -1) - stddev_.log().sum();
}

BarPriorImpl::Coordinates BarPriorImpl::to_coordinates(const torch::Tensor& z_BUZ,
                                                       const torch::Tensor& controls_BUC) {
  const auto whitened_BUZ = whiten(z_BUZ);
  const auto told = context(whitened_BUZ, controls_BUC);
  const auto joint_BUS = told.log_share_BUS + log_densities_BUS(whitened_BUZ, told);
  const auto source_BU = std::get<1>(joint_BUS.max(-1)) - 1;
  const auto index_BUZ = source_BU.clamp_min(0).unsqueeze(-1).expand_as(z_BUZ);
  const auto near = repeats_of(whitened_BUZ.gather(1, index_BUZ));
  const auto repeated_BUZ = (whitened_BUZ - near.mean) * (-near.log_scale).exp();
  const auto new_BUZ = flow_->to_normal(whitened_BUZ, told.read_BUH).normal_ND;
  return {source_BU, torch::where((source_BU == kNew).unsqueeze(-1), new_BUZ, repeated_BUZ)};
}

torch::Tensor BarPriorImpl::from_coordinates(const Coordinates& coordinates,
                                             const torch::Tensor& controls_BUC) {
  auto whitened_BUZ = torch::zeros_like(coordinates.normal_BUZ);
  for (std::int64_t bar = 0; bar < whitened_BUZ.size(1); ++bar) {
    const auto told = next_bar(whitened_BUZ.narrow(1, 0, bar), controls_BUC.narrow(1, 0, bar + 1));
    const auto source_B1 = coordinates.source_BU.narrow(1, bar, 1);
    const auto seen_B1 = torch::where(source_B1 == kNew, source_B1, source_B1 - told.first);
    whitened_BUZ.narrow(1, bar, 1).copy_(
        make_bar(told, seen_B1, coordinates.normal_BUZ.narrow(1, bar, 1)));
  }
  return whitened_BUZ * stddev_ + mean_;
}

torch::Tensor BarPriorImpl::draw_next(const torch::Tensor& before_BKZ,
                                      const torch::Tensor& controls_BUC, std::int64_t count,
                                      double temperature, torch::Generator generator) {
  const auto songs = before_BKZ.size(0);
  const auto told = next_bar(whiten(before_BKZ), controls_BUC);
  const auto normal_BNZ =
      (temperature * torch::randn({songs, count, mean_.size(0)}, generator)).to(mean_.options());
  const auto numbers_BN = torch::rand({songs, count}, generator).to(mean_.options());
  const auto made_BNZ = make_bar(told, picked(told.log_share_BS, numbers_BN), normal_BNZ);
  return made_BNZ * stddev_ + mean_;
}

void BarPriorImpl::set_scale(const torch::Tensor& mean_Z, const torch::Tensor& stddev_Z) {
  mean_.copy_(mean_Z);
  stddev_.copy_(stddev_Z);
}

BarPriorImpl::Context BarPriorImpl::context(const torch::Tensor& whitened_BUZ,
                                            const torch::Tensor& controls_BUC) {
  const auto input =
      torch::cat({earlier(whitened_BUZ, 1), earlier(whitened_BUZ, 2), controls_BUC}, -1);
  const auto read_BUH = transformer_(input_(input));
  // The first bar repeats nothing. Later places stand for the bar before them.
  auto repeat_BU1 = repeats_(read_BUH);
  const auto first_U1 = (torch::arange(read_BUH.size(1), repeat_BU1.options()) == 0).unsqueeze(-1);
  auto pointed_BUU = pointer_(read_BUH).squeeze(1);
  const auto no_bar_UU = first_U1.transpose(0, 1).logical_and(first_U1.logical_not());
  pointed_BUU = torch::log_softmax(pointed_BUU.masked_fill(no_bar_UU, kImpossible), -1);
  const auto log_new_BU1 = torch::log_sigmoid(-repeat_BU1).masked_fill(first_U1, 0);
  const auto log_repeat_BU1 = torch::log_sigmoid(repeat_BU1).masked_fill(first_U1, kImpossible);
  const auto log_source_BUU = (log_repeat_BU1 + pointed_BUU).narrow(-1, 1, read_BUH.size(1) - 1);
  const auto nothing_BU1 = torch::full_like(log_new_BU1, kImpossible);
  return {read_BUH, torch::cat({log_new_BU1, log_source_BUU, nothing_BU1}, -1)};
}

BarPriorImpl::Repeats BarPriorImpl::repeats_of(const torch::Tensor& whitened) {
  const auto parts = near_(torch::silu(near_hidden_(whitened))).chunk(2, -1);
  return {whitened + parts[0], kNearBound * torch::tanh(parts[1] / kNearBound)};
}

/// log p(z | source) of each bar for each source.
torch::Tensor BarPriorImpl::log_densities_BUS(const torch::Tensor& whitened_BUZ,
                                              const Context& told) {
  const auto found = flow_->to_normal(whitened_BUZ, told.read_BUH);
  const auto new_BU = log_unit_normal(found.normal_ND) + found.log_scaling_N;
  const auto near = repeats_of(whitened_BUZ);
  const auto normal_BUUZ =
      (whitened_BUZ.unsqueeze(2) - near.mean.unsqueeze(1)) * (-near.log_scale).exp().unsqueeze(1);
  const auto repeated_BUU = log_unit_normal(normal_BUUZ) - near.log_scale.sum(-1).unsqueeze(1);
  return torch::cat(torch::TensorList{new_BU.unsqueeze(-1), repeated_BUU}, -1);
}

BarPriorImpl::Next BarPriorImpl::next_bar(const torch::Tensor& whitened_BKZ,
                                          const torch::Tensor& controls_BUC) {
  const auto bar = whitened_BKZ.size(1);
  const auto first = std::max<std::int64_t>(bar - reach_, 0);
  const auto before_BVZ =
      torch::constant_pad_nd(whitened_BKZ.narrow(1, first, bar - first), {0, 0, 0, 1});
  const auto told = context(before_BVZ, controls_BUC.narrow(1, first, bar + 1 - first));
  return {first, before_BVZ, told.read_BUH.select(1, bar - first),
          told.log_share_BUS.select(1, bar - first)};
}

/// Latents of one bar, whitened, from their sources and normal numbers.
torch::Tensor BarPriorImpl::make_bar(const Next& told, const torch::Tensor& source_BN,
                                     const torch::Tensor& normal_BNZ) {
  const auto index_BNZ = source_BN.clamp_min(0).unsqueeze(-1).expand_as(normal_BNZ);
  const auto near = repeats_of(told.before_BVZ.gather(1, index_BNZ));
  const auto repeated_BNZ = near.mean + normal_BNZ * near.log_scale.exp();
  const auto read_BNH = told.read_BH.unsqueeze(1).expand({-1, normal_BNZ.size(1), -1});
  return torch::where((source_BN == kNew).unsqueeze(-1), flow_->from_normal(normal_BNZ, read_BNH),
                      repeated_BNZ);
}

std::int64_t bar_prior_weights(const ModelConfig& config) {
  constexpr std::int64_t kWidening = 4, kCouplingHidden = 384;
  constexpr auto kHeads = CausalTransformerImpl::kHeads;
  const std::int64_t width = config.conductor.hidden, latent = config.latent;
  const auto head = 2 * CausalAttentionImpl::kHeadWidth * width + config.bars;
  const auto layer = kHeads * head + 2 * width * width + 2 * kWidening * width * width;
  const auto coupling = kCouplingHidden * (latent + latent / 2 + width);
  return input_width(config) * width + config.conductor.layers * layer + head + width +
         2 * latent * width + config.couplings * coupling + 3 * kNearHidden * latent;
}

}  // namespace musicvae::models
