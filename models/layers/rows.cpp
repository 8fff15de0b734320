#include "models/layers/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include <torch/utils.h>

#include "models/kernels/threads.hpp"
#include "models/runtime/own_kernels.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

torch::Tensor only_allowed(const torch::Tensor& logits, const torch::Tensor& allowed) {
  if (!allowed.defined()) return logits;
  return logits.masked_fill(allowed.logical_not(), -std::numeric_limits<double>::infinity());
}

/// Rows below which waking another thread costs more than it saves.
constexpr std::int64_t kLeastRows = 8;

/// One row's logits. Only tokens that are `allowed` count, or all if that is null.
struct TokenChoice {
  const float* logits;
  const bool* allowed;
  std::int64_t width;

  bool may_be(std::int64_t token) const { return !allowed || allowed[token]; }

  /// The likeliest token, and the first if there are several.
  std::int64_t likeliest() const {
    std::int64_t best = -1;
    for (std::int64_t c = 0; c < width; ++c) {
      if (may_be(c) && (best < 0 || logits[c] > logits[best])) best = c;
    }
    return std::max<std::int64_t>(best, 0);
  }

  /// Does for one row what sample_tokens() does: returns the first token at which the running sum
  /// of weights exceeds u times the whole. `sums` is scratch.
  std::int64_t sample(double temperature, float u, std::vector<float>& sums) const {
    const float highest = logits[likeliest()];
    const auto scale = static_cast<float>(1 / temperature);
    float total = 0;
    for (std::int64_t c = 0; c < width; ++c) {
      if (may_be(c)) total += std::exp((logits[c] - highest) * scale);
      sums[static_cast<std::size_t>(c)] = total;
    }
    const auto found =
        std::find_if(sums.begin(), sums.end(), [=](float sum) { return sum / total > u; });
    return found == sums.end() ? likeliest() : found - sums.begin();  // none is found among NaN
  }
};

/// Samples row by row, as LibTorch's operators have more overhead than the few rows of a generation
/// step are worth. Temperature 0 takes no numbers.
torch::Tensor choose_tokens_on_cpu(const torch::Tensor& logits, double temperature,
                                   const torch::Tensor& allowed, const torch::Tensor& numbers) {
  const auto width = logits.size(-1);
  const auto given = logits.contiguous();
  const auto mask = allowed.defined() ? allowed.expand_as(logits).contiguous() : allowed;
  const auto u = temperature > 0 ? numbers.contiguous() : numbers;
  const auto tokens =
      torch::empty(number_sizes(RowKind::kTokens, logits), torch::TensorOptions(torch::kInt64));
  const auto choose = [&](std::int64_t row, std::vector<float>& sums) {
    const TokenChoice choice{given.data_ptr<float>() + row * width,
                             mask.defined() ? mask.data_ptr<bool>() + row * width : nullptr, width};
    return temperature > 0 ? choice.sample(temperature, u.data_ptr<float>()[row], sums)
                           : choice.likeliest();
  };
  auto* const token = tokens.data_ptr<std::int64_t>();
  const auto rows = tokens.numel();
  const auto shares = std::clamp<std::int64_t>(rows / kLeastRows, 1, thread_count());
  run_tasks(static_cast<int>(shares), [&](int share) {
    std::vector<float> sums(static_cast<std::size_t>(width));
    for (auto row = rows * share / shares; row < rows * (share + 1) / shares; ++row) {
      token[row] = choose(row, sums);
    }
  });
  return tokens;
}

/// Inverts the cumulative distribution at one uniform number for each row.
torch::Tensor sample_tokens(const torch::Tensor& logits, double temperature,
                            const torch::Tensor& numbers) {
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
  const auto logits_PW = logits.reshape({-1, logits.size(-1)});
  return torch::cross_entropy_loss(logits_PW, rows.flatten(), {}, at::Reduction::None)
      .view(rows.sizes());
}

torch::Tensor likeliest_rows(RowKind kind, const torch::Tensor& logits) {
  if (kind == RowKind::kBits) return (logits > 0).to(logits.dtype());
  return std::get<1>(logits.max(-1));  // argmax() takes twice as long.
}

torch::Tensor rows_equal(RowKind kind, const torch::Tensor& a, const torch::Tensor& b) {
  return kind == RowKind::kBits ? (a == b).all(-1) : a == b;
}

torch::Tensor sample_rows(RowKind kind, const torch::Tensor& logits, double temperature,
                          const torch::Tensor& allowed, const torch::Tensor& numbers) {
  TORCH_CHECK(std::isfinite(temperature) && temperature >= 0, "temperature must be 0 or more");
  const torch::NoGradGuard no_grad;
  if (kind == RowKind::kTokens && has_own_kernels(logits)) {
    return choose_tokens_on_cpu(logits, temperature, allowed, numbers);
  }
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
