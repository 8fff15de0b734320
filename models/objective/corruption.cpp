#include <torch/utils.h>

#include "models/objective/objectives.hpp"

namespace musicvae::models {
namespace {

/// Bits moved by one place within their half of the row, the first half being what begins.
torch::Tensor moved_bits(const torch::Tensor& bits, int by) {
  const auto half = bits.size(-1) / 2;
  const auto move = [&](const torch::Tensor& part) {
    const auto kept = part.size(-1) - 1;
    if (kept < 1) return part;
    return by > 0 ? torch::constant_pad_nd(part.narrow(-1, 0, kept), {1, 0})
                  : torch::constant_pad_nd(part.narrow(-1, 1, kept), {0, 1});
  };
  return torch::cat(
      {move(bits.narrow(-1, 0, half)), move(bits.narrow(-1, half, bits.size(-1) - half))}, -1);
}

torch::Tensor corrupted_bits(const torch::Tensor& rows, double share, Noise& noise) {
  const auto numbers = noise.uniform(rows.sizes().vec(), rows);
  const auto up = rows * (numbers < share / 2);
  const auto down = rows * (numbers >= share / 2) * (numbers < share);
  const auto moved = (rows - up - down + moved_bits(up, 1) + moved_bits(down, -1)).clamp(0, 1);
  const auto struck = noise.uniform(rows.sizes().slice(0, 3).vec(), rows).unsqueeze(-1) < share;
  return moved.masked_fill(struck, 0);
}

torch::Tensor corrupted_tokens(const ModelConfig& config, const torch::Tensor& rows, double share,
                               Noise& noise) {
  const auto like = torch::empty({}, rows.options().dtype(torch::kFloat));
  const auto numbers = noise.uniform(rows.sizes().vec(), like);
  const auto step = (numbers < share / 2).to(torch::kLong) -
                    ((numbers >= share / 2) & (numbers < share)).to(torch::kLong);
  const auto moved = (rows + step).clamp(0, config.row_width - 1);
  const auto struck = noise.uniform(rows.sizes().vec(), like) < share;
  return moved.masked_fill(struck, 0);
}

}  // namespace

torch::Tensor corrupted_rows(const ModelConfig& config, const torch::Tensor& rows, double share,
                             Noise& noise) {
  return config.row_kind == RowKind::kBits ? corrupted_bits(rows, share, noise)
                                           : corrupted_tokens(config, rows, share, noise);
}

}  // namespace musicvae::models
