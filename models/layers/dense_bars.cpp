#include "models/layers/dense_bars.hpp"

#include <cmath>
#include <string>

#include <torch/utils.h>

#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

constexpr auto kPlaces = RowPlaces::kPlaces;

/// Units of the vectors of a row: while it is read or made by itself, and where it meets the bar.
constexpr std::int64_t kRowUnits = 128, kPlaceUnits = 48;

/// Residual branches start small, and biases where a bar is mostly silent and sigma small.
constexpr double kBranchStddev = 0.01, kPlaceStddev = 0.02;
constexpr double kFirstSigma = -2, kFirstBit = -3;

double unit_stddev(std::int64_t inputs) { return 1 / std::sqrt(double(inputs)); }

Dense dense(std::int64_t inputs, std::int64_t outputs, torch::Generator generator) {
  return Dense(inputs, outputs, unit_stddev(inputs), std::move(generator));
}

torch::Tensor place_vectors(torch::Generator generator) {
  auto vectors = torch::zeros({kPlaces, kRowUnits});
  if (generator.defined()) vectors.normal_(0, kPlaceStddev, std::move(generator));
  return vectors;
}

void set_bias(Dense& layer, double value) {
  const torch::NoGradGuard no_grad;
  layer->bias().detach().fill_(value);
}

}  // namespace

RowPlaces::RowPlaces(const torch::Tensor& lengths_N) {
  const auto counts = lengths_N.contiguous();
  bar_P = torch::repeat_interleave(torch::arange(counts.size(0), torch::kLong), counts);
  const auto first_N = counts.cumsum(0) - counts;
  row_P = torch::arange(bar_P.size(0), torch::kLong) - first_N.index_select(0, bar_P);
  place_P = row_P.remainder(kPlaces);
  round_P = row_P.div(kPlaces, "floor").clamp_max(kRounds - 1);
}

RoundsImpl::RoundsImpl(std::int64_t width) {
  for (std::int64_t round = 1; round < RowPlaces::kRounds; ++round) {
    matrices_.push_back(register_parameter("round_" + std::to_string(round), torch::eye(width)));
  }
}

torch::Tensor RoundsImpl::forward(const torch::Tensor& x_PD, const torch::Tensor& round_P) {
  auto turned_PD = x_PD;
  for (std::size_t i = 0; i < matrices_.size(); ++i) {
    const auto index = (round_P == static_cast<std::int64_t>(i) + 1).nonzero().squeeze(1);
    if (index.numel() == 0) continue;
    const auto there = send(index, x_PD.device());
    turned_PD =
        turned_PD.index_copy(0, there, torch::matmul(x_PD.index_select(0, there), matrices_[i]));
  }
  return turned_PD;
}

ResidualStackImpl::ResidualStackImpl(int layers, std::int64_t width, std::int64_t inner,
                                     torch::Generator generator) {
  for (int i = 0; i < layers; ++i) {
    const auto name = std::to_string(i);
    norms_.push_back(register_module("norm_" + name, LayerNorm(width)));
    into_.push_back(register_module("into_" + name, dense(width, inner, generator)));
    out_of_.push_back(
        register_module("out_of_" + name, Dense(inner, width, kBranchStddev, generator)));
  }
}

torch::Tensor ResidualStackImpl::forward(torch::Tensor x) {
  for (std::size_t i = 0; i < norms_.size(); ++i) {
    x = x + out_of_[i](torch::silu(into_[i](norms_[i](x))));
  }
  return x;
}

DenseBarEncoderImpl::DenseBarEncoderImpl(const ModelConfig& config, torch::Generator generator)
    : kind_(config.row_kind),
      row_width_(config.row_width),
      row_(dense(config.row_width + config.control_width, kRowUnits, generator)),
      place_(register_parameter("place", place_vectors(generator))),
      rounds_(kRowUnits),
      row_norm_(kRowUnits),
      narrow_(dense(kRowUnits, kPlaceUnits, generator)),
      bar_(dense(kPlaces * kPlaceUnits, config.encoder.hidden, generator)),
      stack_(config.encoder.layers, config.encoder.hidden, config.encoder.hidden, generator),
      norm_(config.encoder.hidden),
      mu_(dense(config.encoder.hidden, config.latent, generator)),
      sigma_(dense(config.encoder.hidden, config.latent, generator)) {
  register_module("row", row_);
  register_module("rounds", rounds_);
  register_module("row_norm", row_norm_);
  register_module("narrow", narrow_);
  register_module("bar", bar_);
  register_module("stack", stack_);
  register_module("norm", norm_);
  register_module("mu", mu_);
  register_module("sigma", sigma_);
  set_bias(sigma_, kFirstSigma);
}

Posterior DenseBarEncoderImpl::forward(const Batch& batch) {
  const auto songs = batch.lengths_BU.size(0), bars = batch.lengths_BU.size(1);
  const auto device = batch.rows.device();
  const RowPlaces places(batch.lengths_BU.flatten());
  const auto slot_P = send(places.bar_P * batch.rows.size(2) + places.row_P, device);
  const auto bar_P = send(places.bar_P, device), place_P = send(places.place_P, device);
  const auto vectors_PW = row_vectors(batch.rows.flatten(0, 2).index_select(0, slot_P));
  const auto controls_PC = batch.controls_BUC.flatten(0, 1).index_select(0, bar_P);
  auto read_PD = torch::silu(row_(torch::cat({vectors_PW.to(controls_PC), controls_PC}, -1)));
  read_PD = rounds_(read_PD, places.round_P) + place_.index_select(0, place_P);
  const auto narrow_PE = narrow_(row_norm_(read_PD));
  const auto places_NE = torch::zeros({songs * bars * kPlaces, kPlaceUnits}, narrow_PE.options())
                             .index_add(0, bar_P * kPlaces + place_P, narrow_PE);
  const auto bar_NH = bar_(places_NE.view({songs * bars, -1}));
  const auto read_BUH = torch::silu(norm_(stack_(bar_NH))).view({songs, bars, -1});
  return {mu_(read_BUH), torch::softplus(sigma_(read_BUH))};
}

/// Tokens as one vector for each class.
torch::Tensor DenseBarEncoderImpl::row_vectors(const torch::Tensor& rows_P) const {
  return kind_ == RowKind::kBits ? rows_P : torch::one_hot(rows_P, row_width_);
}

DenseBarDecoderImpl::DenseBarDecoderImpl(const ModelConfig& config, torch::Generator generator)
    : bar_(dense(config.latent + config.control_width, config.decoder.hidden, generator)),
      stack_(config.decoder.layers, config.decoder.hidden, config.decoder.hidden, generator),
      norm_(config.decoder.hidden),
      places_(dense(config.decoder.hidden, kPlaces * kPlaceUnits, generator)),
      row_(dense(kPlaceUnits, kRowUnits, generator)),
      place_(register_parameter("place", place_vectors(generator))),
      rounds_(kRowUnits),
      row_stack_(1, kRowUnits, 2 * kRowUnits, generator),
      row_norm_(kRowUnits),
      output_(dense(kRowUnits, config.row_width, generator)) {
  register_module("bar", bar_);
  register_module("stack", stack_);
  register_module("norm", norm_);
  register_module("places", places_);
  register_module("row", row_);
  register_module("rounds", rounds_);
  register_module("row_stack", row_stack_);
  register_module("row_norm", row_norm_);
  register_module("output", output_);
  if (config.row_kind == RowKind::kBits) set_bias(output_, kFirstBit);
}

torch::Tensor DenseBarDecoderImpl::plan(const torch::Tensor& z_NZ,
                                        const torch::Tensor& controls_NC) {
  const auto bar_NH = stack_(bar_(torch::cat({z_NZ, controls_NC}, -1)));
  return places_(torch::silu(norm_(bar_NH))).view({-1, kPlaceUnits});
}

torch::Tensor DenseBarDecoderImpl::forward(const torch::Tensor& plan, const RowPlaces& places) {
  const auto place_P = send(places.place_P, plan.device());
  const auto index_P = send(places.bar_P * kPlaces + places.place_P, plan.device());
  const auto row_PD = row_(plan.index_select(0, index_P)) + place_.index_select(0, place_P);
  return output_(row_norm_(row_stack_(rounds_(row_PD, places.round_P))));
}

std::int64_t dense_bar_weights(const ModelConfig& config) {
  const auto side = [&](const StackSize& size) {
    const std::int64_t hidden = size.hidden;
    return hidden * (kPlaces * kPlaceUnits + size.layers * 2 * hidden);
  };
  const auto rows = kRowUnits * (2 * std::int64_t{config.row_width} + config.control_width +
                                 2 * kPlaces + 2 * kPlaceUnits + (4 + 2 * 2) * kRowUnits);
  return side(config.encoder) + side(config.decoder) + rows +
         config.decoder.hidden * (std::int64_t{config.latent} + config.control_width);
}

}  // namespace musicvae::models
