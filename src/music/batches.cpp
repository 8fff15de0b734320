#include "src/music/batches.hpp"

#include "datasets/tensors.hpp"

namespace musicvae {

models::Batch make_batch(const MusicModel& model,
                         std::span<const std::vector<datasets::BarRows>> passages) {
  auto tensors =
      datasets::to_tensors(passages, model.codec->row_shape(), model.codec->grid(), model.bars());
  return models::Batch{tensors.rows, tensors.lengths_BU, tensors.controls_BUC}.to(model.device);
}

Controls make_controls(const MusicModel& model,
                       std::span<const std::vector<datasets::BarRows>> layouts) {
  const auto tensors =
      datasets::to_tensors(layouts, model.codec->row_shape(), model.codec->grid(), model.bars());
  auto present_BU =
      torch::zeros({static_cast<std::int64_t>(layouts.size()), model.bars()}, torch::kBool);
  for (std::size_t song = 0; song < layouts.size(); ++song) {
    const auto bars = static_cast<std::int64_t>(layouts[song].size());
    present_BU[static_cast<std::int64_t>(song)].slice(0, 0, bars).fill_(true);
  }
  return {tensors.controls_BUC.to(model.device), present_BU};
}

}  // namespace musicvae
