#include "models/passages/song_cursors.hpp"

#include <cstddef>

namespace musicvae::models {

SongCursors::SongCursors(const torch::Tensor& present_BU)
    : present_BU_(present_BU.to(torch::kCPU).contiguous()) {
  for (std::int64_t song = 0; song < present_BU.size(0); ++song) bars_.push_back({song, 0});
}

std::vector<std::int64_t> SongCursors::advance(const RowSampler& sampler) {
  std::vector<std::int64_t> open;
  for (std::size_t i = 0; i < bars_.size(); ++i) {
    auto& id = bars_[i];
    while (id.bar < present_BU_.size(1) && (!present(id) || sampler.finished(id))) ++id.bar;
    if (id.bar < present_BU_.size(1)) open.push_back(static_cast<std::int64_t>(i));
  }
  bars_ = select(bars_, open);
  return open;
}

torch::Tensor SongCursors::of_bars(const torch::Tensor& values_BUC) const {
  std::vector<std::int64_t> places;
  for (const auto& id : bars_) places.push_back(id.song * present_BU_.size(1) + id.bar);
  const auto index = index_tensor(places).to(values_BUC.device());
  return values_BUC.flatten(0, 1).index_select(0, index);
}

bool SongCursors::present(const BarId& id) const {
  return present_BU_.data_ptr<bool>()[id.song * present_BU_.size(1) + id.bar];
}

}  // namespace musicvae::models
