#include "models/passages/step_layout.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "models/runtime/transfer.hpp"

namespace musicvae::models {
namespace {

/// Rows [first, first + rows) of one bar, both counted through the batch.
struct Step {
  std::int64_t bar = 0;
  std::int64_t first = 0;
  std::int64_t rows = 0;
};

/// Adds the steps of one bar, whose tokens begin at `first` of the batch's rows.
void add_steps(std::vector<Step>& steps, const std::int64_t* tokens, std::int64_t bar,
               std::int64_t first, std::int64_t rows) {
  Step step{bar, first, 0};
  for (std::int64_t row = 0; row < rows; ++row) {
    ++step.rows;
    if (tokens[row] != kEndOfStep && row + 1 < rows) continue;
    steps.push_back(step);
    step = {bar, first + row + 1, 0};
  }
}

std::vector<std::vector<Step>> steps_of(const Batch& batch) {
  const auto tokens = batch.rows.to(torch::kCPU).contiguous();
  const auto lengths = batch.lengths_BU.contiguous();
  const auto bars = lengths.size(1), slots = tokens.size(2);
  std::vector<std::vector<Step>> all(static_cast<std::size_t>(lengths.size(0)));
  for (std::int64_t bar = 0; bar < lengths.numel(); ++bar) {
    add_steps(all[static_cast<std::size_t>(bar / bars)],
              tokens.data_ptr<std::int64_t>() + bar * slots, bar, bar * slots,
              lengths.data_ptr<std::int64_t>()[bar]);
  }
  return all;
}

}  // namespace

StepLayout::StepLayout(const Batch& batch) {
  const auto all = steps_of(batch);
  std::size_t most_steps = 1;
  std::int64_t most_rows = 1;
  for (const auto& steps : all) {
    most_steps = std::max(most_steps, steps.size());
    for (const auto& step : steps) most_rows = std::max(most_rows, step.rows);
  }
  const auto passages = static_cast<std::int64_t>(all.size());
  const auto count = static_cast<std::int64_t>(most_steps);
  place_BSN_ = torch::zeros({passages, count, most_rows}, torch::kLong);
  bar_BS_ = torch::zeros({passages, count}, torch::kLong);
  lengths_BS_ = torch::zeros({passages, count}, torch::kLong);
  for (std::int64_t passage = 0; passage < passages; ++passage) {
    std::int64_t slot = passage * count;
    for (const auto& step : all[static_cast<std::size_t>(passage)]) {
      auto* const places = place_BSN_.data_ptr<std::int64_t>() + slot * most_rows;
      for (std::int64_t row = 0; row < step.rows; ++row) places[row] = step.first + row;
      bar_BS_.data_ptr<std::int64_t>()[slot] = step.bar;
      lengths_BS_.data_ptr<std::int64_t>()[slot] = step.rows;
      ++slot;
    }
  }
}

Batch StepLayout::steps(const torch::Tensor& rows, const torch::Tensor& controls_BUC) const {
  const auto device = rows.device();
  const auto tokens = rows.flatten().index_select(0, send(place_BSN_.flatten(), device));
  const auto controls = controls_BUC.flatten(0, 1).index_select(0, send(bar_BS_.flatten(), device));
  return {tokens.view(place_BSN_.sizes()), lengths_BS_,
          controls.view({bar_BS_.size(0), bar_BS_.size(1), controls_BUC.size(2)})};
}

}  // namespace musicvae::models
