#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "datasets/codecs/codec.hpp"
#include "models/model.hpp"

namespace musicvae {

/// A network with the codec that its rows are in: what a model file holds.
struct MusicModel {
  std::shared_ptr<models::Model> network;
  std::shared_ptr<const datasets::Codec> codec;
  nlohmann::json training = nlohmann::json::object();  ///< Record of how it was trained.
  torch::Device device = torch::kCPU;

  /// Bars of a passage that the network was trained on.
  int bars() const { return network->config().bars; }
  /// Bars of a tensor that holds passages of up to `longest` bars. Where each bar has a latent,
  /// passages may be longer than the network's.
  int bar_slots(std::size_t longest) const {
    return network->has_bar_latents() ? std::max(bars(), static_cast<int>(longest)) : bars();
  }
};

/// A fresh model for `codec`: row kind, width, control width and pitches of `config`
/// are set from it. For `generator` see models::make_model().
MusicModel make_music_model(models::ModelConfig config,
                            std::shared_ptr<const datasets::Codec> codec,
                            torch::Generator generator);

/// Rows of B passages as the network's batch, on the model's device.
models::Batch make_batch(const MusicModel& model,
                         std::span<const std::vector<datasets::BarRows>> passages);

/// Writes one .safetensors file, whole or not at all, its tensors as `type`: kHalf makes it half as
/// large, and load_model() takes either. Throws Error where a value is too large for `type`.
void save_model(const MusicModel& model, const std::filesystem::path& path,
                torch::ScalarType type = torch::kFloat);

/// Reads a model file, or finds a model by name (find_model()). Throws Error naming the
/// file and what is wrong with it.
MusicModel load_model(const std::string& path_or_name, const torch::Device& device = torch::kCPU);

}  // namespace musicvae
