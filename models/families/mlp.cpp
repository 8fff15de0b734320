#include "models/families/mlp.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/layers/dense.hpp"
#include "models/layers/generation.hpp"
#include "models/layers/linear.hpp"
#include "models/passages/slots.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// First weights of the layer that reads rows: of thousands of bits some dozens are set.
constexpr double kReadStddev = 0.1;

/// First biases: a passage is mostly silent, and sigma small enough for z to be heard.
constexpr double kFirstBit = -3, kFirstSigma = -2;

Dense dense(std::int64_t inputs, std::int64_t outputs, torch::Generator generator) {
  return Dense(inputs, outputs, 1 / std::sqrt(double(inputs)), std::move(generator));
}

/// d silu(x) / dx.
torch::Tensor silu_slope(const torch::Tensor& x) {
  const auto s = torch::sigmoid(x);
  return s * (1 + x * (1 - s));
}

std::int64_t controls_size(const ModelConfig& config) {
  return std::int64_t{config.bars} * config.control_width;
}

class Mlp : public Model {
 public:
  Mlp(const ModelConfig& config, torch::Generator generator);

  Posterior encode(const Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BZ, const Batch& batch,
                       const torch::Tensor& inputs) override;
  torch::Tensor jacobian_norm_B(const Batch& batch) override;

 private:
  GeneratedRows generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                              const torch::Tensor& present_BU, const SamplingOptions& options,
                              RowConstraint& constraint, torch::Generator generator) override;
  torch::Tensor controls_BD(const torch::Tensor& controls_BUC) const;
  std::vector<torch::Tensor> hidden_inputs(const Batch& batch);
  torch::Tensor logits_BD(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                          const Slots& used);

  SlotWeights reader_;
  Dense read_controls_;
  std::vector<Dense> encoder_;  // The hidden layers after the first.
  Dense mu_, sigma_;
  Dense first_;
  std::vector<Dense> decoder_;
  SlotWeights writer_;
  torch::Tensor write_bias_;  // [D].
};

Mlp::Mlp(const ModelConfig& config, torch::Generator generator)
    : Model(config),
      reader_(config, config.encoder.hidden, kReadStddev, generator),
      read_controls_(dense(std::max<std::int64_t>(1, controls_size(config)), config.encoder.hidden,
                           generator)),
      mu_(dense(config.encoder.hidden, config.latent, generator)),
      sigma_(dense(config.encoder.hidden, config.latent, generator)),
      first_(dense(config.latent + controls_size(config), config.decoder.hidden, generator)),
      writer_(config, config.decoder.hidden, 1 / std::sqrt(double(config.decoder.hidden)),
              generator) {
  register_module("reader", reader_);
  register_module("read_controls", read_controls_);
  for (int i = 1; i < config.encoder.layers; ++i) {
    encoder_.push_back(
        register_module("encoder_" + std::to_string(i),
                        dense(config.encoder.hidden, config.encoder.hidden, generator)));
  }
  register_module("mu", mu_);
  register_module("sigma", sigma_);
  register_module("first", first_);
  for (int i = 1; i < config.decoder.layers; ++i) {
    decoder_.push_back(
        register_module("decoder_" + std::to_string(i),
                        dense(config.decoder.hidden, config.decoder.hidden, generator)));
  }
  register_module("writer", writer_);
  const bool bits = config.row_kind == RowKind::kBits;
  write_bias_ = register_parameter("write_bias",
                                   torch::full({slots_of(config).size()}, bits ? kFirstBit : 0.0));
  const torch::NoGradGuard no_grad;
  sigma_->bias().detach().fill_(kFirstSigma);
}

/// The meters of all bars, [B, U C]; a lone 0 where there are none.
torch::Tensor Mlp::controls_BD(const torch::Tensor& controls_BUC) const {
  const auto bars = std::int64_t{config().bars};
  const auto found = controls_BUC.narrow(1, 0, std::min(bars, controls_BUC.size(1)));
  const auto all_BUC = torch::constant_pad_nd(found, {0, 0, 0, bars - found.size(1)});
  return all_BUC.flatten(1);
}

/// What goes into each hidden layer's silu.
std::vector<torch::Tensor> Mlp::hidden_inputs(const Batch& batch) {
  const auto used = slots_of(config(), batch);
  const auto present = (batch.lengths_BU > 0).unsqueeze(-1);
  auto controls = controls_BD(batch.controls_BUC * send(present, batch.controls_BUC.device()));
  if (controls.size(1) == 0) controls = controls.new_zeros({controls.size(0), 1});
  std::vector<torch::Tensor> inputs{
      linear(rows_in_slots(config(), batch, used), reader_->of(used), read_controls_->bias()) +
      torch::matmul(controls, read_controls_->weight().t())};
  for (auto& layer : encoder_) inputs.push_back(layer(torch::silu(inputs.back())));
  return inputs;
}

Posterior Mlp::encode(const Batch& batch) {
  const auto read_BH = torch::silu(hidden_inputs(batch).back());
  return {mu_(read_BH), torch::softplus(sigma_(read_BH))};
}

/// J is a product of the layers' matrices W and the slopes D of their silus. So J J^T is built
/// layer by layer from W W^T of the first, and the trace of the last is the norm.
torch::Tensor Mlp::jacobian_norm_B(const Batch& batch) {
  const auto inputs = hidden_inputs(batch);
  auto square = torch::matmul(reader_->all(), reader_->all().t()).unsqueeze(0);
  for (std::size_t i = 0; i < encoder_.size(); ++i) {
    const auto slope_BH = silu_slope(inputs[i]);
    const auto bent = slope_BH.unsqueeze(2) * square * slope_BH.unsqueeze(1);
    const auto& weight = encoder_[i]->weight();
    square = torch::matmul(torch::matmul(weight, bent), weight.t());
  }
  const auto slope_BH = silu_slope(inputs.back());
  const auto seen = torch::matmul(mu_->weight().t(), mu_->weight()) * square;
  return (torch::matmul(slope_BH.unsqueeze(1), seen).squeeze(1) * slope_BH).sum(1);
}

torch::Tensor Mlp::logits_BD(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                             const Slots& used) {
  auto hidden_BH = torch::silu(first_(torch::cat({z_BZ, controls_BD(controls_BUC)}, 1)));
  for (auto& layer : decoder_) hidden_BH = torch::silu(layer(hidden_BH));
  const auto all = slots_of(config());
  const auto bias = write_bias_.view({all.bars, all.rows, all.width})
                        .narrow(0, 0, used.bars)
                        .narrow(1, 0, used.rows)
                        .reshape({-1});
  return linear(hidden_BH, writer_->of(used).t(), bias);
}

/// Rows are made from z alone, so `inputs` say nothing.
torch::Tensor Mlp::decode(const torch::Tensor& z_BZ, const Batch& batch,
                          const torch::Tensor& /*inputs*/) {
  const auto used = slots_of(config(), batch);
  const auto present = (batch.lengths_BU > 0).unsqueeze(-1);
  const auto controls_BUC = batch.controls_BUC * send(present, batch.controls_BUC.device());
  return logits_at_targets(logits_BD(z_BZ, controls_BUC, used), used, batch);
}

GeneratedRows Mlp::generate_rows(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                 const torch::Tensor& present_BU, const SamplingOptions& options,
                                 RowConstraint& constraint, torch::Generator generator) {
  RowSampler sampler(config(), options, constraint, std::move(generator), present_BU.sizes());
  const auto all = slots_of(config());
  const auto bars = std::min(all.bars, present_BU.size(1));
  const Slots used{bars, all.rows, all.width};
  const auto present = send(present_BU.unsqueeze(-1), controls_BUC.device());
  draw_independent_rows(
      sampler, logits_BD(z_BZ, controls_BUC * present, used).view({-1, bars, all.rows, all.width}),
      present_BU.narrow(1, 0, bars));
  return sampler.generated();
}

}  // namespace

std::shared_ptr<Model> make_mlp(const ModelConfig& config, torch::Generator generator) {
  return std::make_shared<Mlp>(config, std::move(generator));
}

std::int64_t mlp_weights(const ModelConfig& config) {
  const auto slots = slots_of(config).size();
  const auto side = [&](const StackSize& size) {
    return size.hidden *
           (slots + controls_size(config) + 1 + std::int64_t{size.layers - 1} * size.hidden);
  };
  return side(config.encoder) + side(config.decoder) +
         std::int64_t{config.latent} * config.decoder.hidden;
}

}  // namespace musicvae::models
