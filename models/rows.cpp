#include "models/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/own_kernels.hpp"
#include "models/transfer.hpp"

namespace musicvae::models {
namespace {

torch::Tensor only_allowed(const torch::Tensor& logits, const torch::Tensor& allowed) {
  if (!allowed.defined()) return logits;
  return logits.masked_fill(allowed.logical_not(), -std::numeric_limits<double>::infinity());
}

/// As sample_tokens(), of one row's logits: the first token at which the sum of weights passes u of
/// the whole. `weights` is scratch.
std::int64_t sample_token(const float* logits, std::int64_t width, double temperature, float u,
                          float* weights) {
  const float highest = *std::max_element(logits, logits + width);
  const auto scale = static_cast<float>(1 / temperature);
  float total = 0;
  for (std::int64_t c = 0; c < width; ++c) {
    total += std::exp((logits[c] - highest) * scale);
    weights[c] = total;
  }
  const auto* found =
      std::find_if(weights, weights + width, [=](float sum) { return sum / total > u; });
  return std::min<std::int64_t>(found - weights, width - 1);  // of NaN, none is found
}

/// Row by row: for the few rows of a generation step, LibTorch's operators take longer than their
/// work.
torch::Tensor sample_tokens_on_cpu(const torch::Tensor& logits, double temperature,
                                   const torch::Tensor& numbers) {
  const auto width = logits.size(-1);
  const auto given = logits.contiguous();
  const auto u = numbers.contiguous();
  auto tokens = torch::empty(u.sizes(), torch::kInt64);
  std::vector<float> weights(static_cast<std::size_t>(width));
  for (std::int64_t row = 0; row < tokens.numel(); ++row) {
    tokens.data_ptr<std::int64_t>()[row] =
        sample_token(given.data_ptr<float>() + row * width, width, temperature,
                     u.data_ptr<float>()[row], weights.data());
  }
  return tokens;
}

/// Inverse of the distribution function at one uniform number a row.
torch::Tensor sample_tokens(const torch::Tensor& logits, double temperature,
                            const torch::Tensor& numbers) {
  if (has_own_kernels(logits)) {
    return sample_tokens_on_cpu(logits, temperature, numbers);
  }
  const auto highest = std::get<0>(logits.max(-1, /*keepdim=*/true));
  const auto weights = ((logits - highest) / temperature).exp();
  const auto cumulative = weights.cumsum(-1);
  const auto total = cumulative.narrow(-1, cumulative.size(-1) - 1, 1);
  // x / x is exactly 1 > u, so the first entry above u always exists and has a weight above 0.
  return (cumulative / total <= numbers.unsqueeze(-1)).sum(-1);
}

}  // namespace

torch::Tensor row_loss(RowKind kind, const torch::Tensor& logits, const torch::Tensor& rows) {
  if (kind == RowKind::kBits) {
    // log(1 + e^x) - x b, stable for either sign.
    return (torch::softplus(logits) - logits * rows).sum(-1);
  }
  const auto true_logit = logits.gather(-1, rows.unsqueeze(-1)).squeeze(-1);
  return logits.logsumexp(-1) - true_logit;
}

torch::Tensor likeliest_rows(RowKind kind, const torch::Tensor& logits) {
  return kind == RowKind::kBits ? (logits > 0).to(logits.dtype()) : logits.argmax(-1);
}

torch::Tensor rows_equal(RowKind kind, const torch::Tensor& a, const torch::Tensor& b) {
  return kind == RowKind::kBits ? (a == b).all(-1) : a == b;
}

torch::Tensor sample_rows(RowKind kind, const torch::Tensor& logits, double temperature,
                          const torch::Tensor& allowed, const torch::Tensor& numbers) {
  TORCH_CHECK(std::isfinite(temperature) && temperature >= 0, "temperature must be 0 or more");
  const torch::NoGradGuard no_grad;
  const auto masked = only_allowed(logits, kind == RowKind::kBits ? torch::Tensor() : allowed);
  if (temperature == 0) return likeliest_rows(kind, masked);
  if (kind == RowKind::kTokens) return sample_tokens(masked, temperature, numbers);
  return (numbers < (logits / temperature).sigmoid()).to(logits.dtype());
}

torch::Tensor sample_rows(RowKind kind, const torch::Tensor& logits, double temperature,
                          const torch::Tensor& allowed, torch::Generator generator) {
  torch::Tensor numbers;
  if (temperature != 0) {
    numbers = uniform(number_sizes(kind, logits), std::move(generator), logits);
  }
  return sample_rows(kind, logits, temperature, allowed, numbers);
}

std::vector<std::int64_t> number_sizes(RowKind kind, const torch::Tensor& logits) {
  auto sizes = logits.sizes().vec();
  if (kind == RowKind::kTokens) sizes.pop_back();
  return sizes;
}

torch::Tensor uniform(torch::IntArrayRef sizes, torch::Generator generator,
                      const torch::Tensor& like) {
  const auto there = torch::TensorOptions().dtype(torch::kFloat).device(generator.device());
  return send(torch::rand(sizes, generator, there), like.device()).to(like.scalar_type());
}

}  // namespace musicvae::models
