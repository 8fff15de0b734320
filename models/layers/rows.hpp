#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "models/config.hpp"

/// What a row is to a network: one categorical token, or W independent bits. Logits are [..., W];
/// tokens are int64 [...], bits are float [..., W].
namespace musicvae::models {

/// -log p(row) in nats, [...]: cross entropy for tokens, the sum of W Bernoulli terms for bits.
torch::Tensor row_loss(RowKind kind, const torch::Tensor& logits, const torch::Tensor& rows);

/// The mode of each row's distribution.
torch::Tensor likeliest_rows(RowKind kind, const torch::Tensor& logits);

/// Whether rows are equal, in all bits: bool [...].
torch::Tensor rows_equal(RowKind kind, const torch::Tensor& a, const torch::Tensor& b);

/// Draws a row from each distribution, sharpened by `temperature` (finite, >= 0; 0 gives the mode).
/// Each token or bit takes one number of [0, 1), in the order of the rows, so that the same numbers
/// give the same rows on every device. `allowed` (bool, shaped as the logits, or undefined) says
/// which tokens may be drawn, at least one in each row; it is undefined for bits. No gradient.
torch::Tensor sample_rows(RowKind kind, const torch::Tensor& logits, double temperature,
                          const torch::Tensor& allowed, const torch::Tensor& numbers);
/// The same with numbers from `generator`. Temperature 0 draws none.
torch::Tensor sample_rows(RowKind kind, const torch::Tensor& logits, double temperature,
                          const torch::Tensor& allowed, torch::Generator generator);

/// The shape of the numbers that sample_rows() takes: [...] for tokens, [..., W] for bits.
std::vector<std::int64_t> number_sizes(RowKind kind, const torch::Tensor& logits);

/// Uniform numbers in [0, 1), drawn on the generator's device and sent to that of `like`.
torch::Tensor uniform(torch::IntArrayRef sizes, torch::Generator generator,
                      const torch::Tensor& like);

}  // namespace musicvae::models
