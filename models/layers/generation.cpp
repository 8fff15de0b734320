#include "models/layers/generation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <span>
#include <utility>

#include "models/error.hpp"
#include "models/layers/row_input.hpp"
#include "models/layers/rows.hpp"
#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

GeneratedRows empty_rows(const ModelConfig& config, std::int64_t max_rows,
                         torch::IntArrayRef songs_and_bars) {
  auto sizes = songs_and_bars.vec();
  const auto lengths_BU = torch::zeros(sizes, torch::kLong);
  sizes.push_back(max_rows);
  if (config.row_kind == RowKind::kTokens) return {torch::zeros(sizes, torch::kLong), lengths_BU};
  sizes.push_back(config.row_width);
  return {torch::zeros(sizes, torch::kFloat), lengths_BU};
}

/// Weights may each be a number, and still be so large that what is computed with them is none.
void check_numbers(const torch::Tensor& logits) {
  const auto values = logits.to(torch::kFloat).contiguous();
  const std::span floats(values.data_ptr<float>(), static_cast<std::size_t>(values.numel()));
  float zeros = 0;  // An infinity or a NaN times 0 is no number.
  for (const float value : floats) zeros += value * 0;
  if (std::isnan(zeros)) {
    throw ModelError(
        "what the model computes is not a number: its weights are too large to be those of a "
        "trained model");
  }
}

/// Adds the leaning and the eagerness of `rules` to the logits of independent bits, less eagerness
/// to the second likeliest bit of a row than to the likeliest, and so on.
torch::Tensor with_wishes(const torch::Tensor& logits_NW, std::span<const BitRule> rules) {
  const auto wishes = [](const BitRule& rule) {
    return !rule.leaning.empty() || rule.eagerness != 0 || rule.satiety != 0;
  };
  if (std::none_of(rules.begin(), rules.end(), wishes)) return logits_NW;
  auto raised_NW = logits_NW.to(torch::kFloat).clone();
  const auto half = raised_NW.size(1) / 2;
  std::vector<std::int64_t> likeliest_first(static_cast<std::size_t>(half));
  for (std::size_t row = 0; row < rules.size(); ++row) {
    auto* const logits = raised_NW[static_cast<std::int64_t>(row)].data_ptr<float>();
    for (std::size_t bit = 0; bit < rules[row].leaning.size(); ++bit) {
      logits[bit] += rules[row].leaning[bit];
    }
    std::iota(likeliest_first.begin(), likeliest_first.end(), 0);
    std::stable_sort(likeliest_first.begin(), likeliest_first.end(),
                     [&](auto a, auto b) { return logits[a] > logits[b]; });
    double eagerness = rules[row].eagerness;
    for (const auto bit : likeliest_first) {
      logits[bit] += static_cast<float>(eagerness);
      eagerness -= rules[row].satiety;
    }
  }
  return raised_NW;
}

}  // namespace

RowSampler::RowSampler(const ModelConfig& config, const SamplingOptions& options,
                       RowConstraint& constraint, torch::Generator generator,
                       torch::IntArrayRef songs_and_bars)
    : RowSampler(config, options, constraint, std::move(generator), songs_and_bars,
                 constraint.max_rows()) {}

RowSampler::RowSampler(const ModelConfig& config, const SamplingOptions& options,
                       RowConstraint& constraint, torch::Generator generator,
                       torch::IntArrayRef songs_and_bars, std::int64_t max_rows)
    : config_(config),
      options_(options),
      constraint_(constraint),
      generator_(std::move(generator)),
      generated_(empty_rows(config, max_rows, songs_and_bars)),
      slots_(generated_.rows.flatten(0, 2)) {}

RowSampler::RowSampler(const ModelConfig& config, const SamplingOptions& options,
                       RowConstraint& constraint, torch::Generator generator, const Batch& batch)
    : RowSampler(config, options, constraint, std::move(generator), batch.lengths_BU.sizes(),
                 std::max(constraint.max_rows(), batch.rows.size(2))) {
  const auto known_BU = batch.known_lengths_BU();
  generated_.lengths_BU.copy_(known_BU);
  const auto known = send(batch.rows_within(known_BU), torch::kCPU);
  auto rows = generated_.rows.narrow(2, 0, batch.rows.size(2));
  const auto given = batch.rows.to(torch::kCPU, rows.scalar_type());
  rows.copy_(torch::where(config.row_kind == RowKind::kBits ? known.unsqueeze(-1) : known, given,
                          torch::zeros_like(given)));
}

bool RowSampler::finished(const BarId& bar) const {
  return length(bar) >= generated_.rows.size(2) || constraint_.finished(bar.song, bar.bar);
}

std::vector<std::int64_t> RowSampler::unfinished(const std::vector<BarId>& bars) const {
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (!finished(bars[i])) places.push_back(static_cast<std::int64_t>(i));
  }
  return places;
}

torch::Tensor RowSampler::next(const std::vector<BarId>& bars, const torch::Tensor& logits_NW) {
  const auto logits = logits_NW.to(torch::kCPU);
  check_numbers(logits);
  const auto rows = draw(logits, bars);
  keep(bars, rows);
  return rows.to(logits_NW.device());
}

torch::Tensor RowSampler::draw(const torch::Tensor& logits_NW, const std::vector<BarId>& bars) {
  if (config_.row_kind == RowKind::kTokens) {
    return sample_rows(config_.row_kind, logits_NW, options_.temperature, allowed_tokens(bars),
                       generator_);
  }
  std::vector<BitRule> rules;
  for (const auto& bar : bars) rules.push_back(constraint_.rule(bar.song, bar.bar));
  if (chain_ == nullptr) {
    return sample_rows(config_.row_kind, with_wishes(logits_NW, rules), options_.temperature, {},
                       generator_);
  }
  return chain_->sample(logits_NW, options_.temperature,
                        uniform(logits_NW.sizes(), generator_, torch::empty({}, torch::kFloat)),
                        rules);
}

torch::Tensor RowSampler::last_rows(const std::vector<BarId>& bars) const {
  auto rows = no_rows(config_, static_cast<std::int64_t>(bars.size()), slots_);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (bars[i].bar < 0 || length(bars[i]) == 0) continue;
    rows[static_cast<std::int64_t>(i)].copy_(slots_[slot(bars[i], length(bars[i]) - 1)]);
  }
  return rows;
}

torch::Tensor RowSampler::allowed_tokens(const std::vector<BarId>& bars) const {
  const auto width = static_cast<std::size_t>(config_.row_width);
  auto allowed_NW =
      torch::empty({static_cast<std::int64_t>(bars.size()), config_.row_width}, torch::kBool);
  std::span<bool> masks(allowed_NW.data_ptr<bool>(), bars.size() * width);
  for (const auto& bar : bars) {
    constraint_.allowed(bar.song, bar.bar, masks.first(width));
    masks = masks.subspan(width);
  }
  return allowed_NW;
}

void RowSampler::keep(const std::vector<BarId>& bars, const torch::Tensor& rows) {
  const auto kept = rows.to(slots_.dtype()).contiguous();
  const auto row_bytes = static_cast<std::size_t>(slots_.stride(0)) * slots_.element_size();
  const auto* from = static_cast<const std::byte*>(kept.data_ptr());
  auto* to = static_cast<std::byte*>(slots_.data_ptr());
  const auto width = static_cast<std::size_t>(config_.row_width);
  for (std::size_t i = 0; i < bars.size(); ++i, from += row_bytes) {
    const auto next = static_cast<std::size_t>(slot(bars[i], length(bars[i])++));
    std::memcpy(to + next * row_bytes, from, row_bytes);
    if (config_.row_kind == RowKind::kTokens) {
      constraint_.push(bars[i].song, bars[i].bar,
                       static_cast<int>(kept.data_ptr<std::int64_t>()[i]));
    } else {
      constraint_.push_bits(bars[i].song, bars[i].bar, {kept.data_ptr<float>() + i * width, width});
    }
  }
}

std::int64_t& RowSampler::length(const BarId& bar) const {
  const auto& lengths_BU = generated_.lengths_BU;
  return lengths_BU.data_ptr<std::int64_t>()[bar.song * lengths_BU.size(1) + bar.bar];
}

std::int64_t RowSampler::slot(const BarId& bar, std::int64_t row) const {
  const auto& rows = generated_.rows;
  return (bar.song * rows.size(1) + bar.bar) * rows.size(2) + row;
}

std::vector<BarId> select(const std::vector<BarId>& bars, const std::vector<std::int64_t>& places) {
  std::vector<BarId> selected;
  for (const auto place : places) selected.push_back(bars[static_cast<std::size_t>(place)]);
  return selected;
}

torch::Tensor index_tensor(const std::vector<std::int64_t>& values) {
  return torch::tensor(values, torch::kLong);
}

}  // namespace musicvae::models
