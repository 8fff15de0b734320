#include "src/music/music_model.hpp"

#include <algorithm>
#include <utility>

#include "datasets/tensors/tensors.hpp"
#include "models/families/tuned.hpp"
#include "models/files/safetensors.hpp"
#include "src/base/error.hpp"
#include "src/base/json.hpp"
#include "src/music/model_files.hpp"
#include "src/music/tensor_names.hpp"
#include "src/music/tuned_model_file.hpp"
#include "src/music/version.hpp"

namespace musicvae {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelVersion = "1";
constexpr const char* kBase = "base";  // Under it, a tuned model names the one that it stands on.

std::string metadata(const models::TensorFile& file, const char* key, const std::string& path) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) {
    throw Error(path + " is not a musicvae model: its metadata has no '" + key + "'");
  }
  return found->second;
}

nlohmann::json json_metadata(const models::TensorFile& file, const char* key,
                             const std::string& path) {
  return parse_json(metadata(file, key, path), path + ": '" + key + "' of its metadata");
}

datasets::Grid read_grid(const models::TensorFile& file, const std::string& path) {
  const auto json = json_metadata(file, "grid", path);
  const auto& steps = json.at("steps_per_quarter");
  if (!steps.is_number_integer() || steps < 1 || steps > datasets::kMaxStepsPerQuarter) {
    throw Error(path + ": a grid of " + steps.dump() + " steps a quarter: 1 to " +
                std::to_string(datasets::kMaxStepsPerQuarter) + " work");
  }
  return {steps.get<int>()};
}

models::ModelConfig read_config(const models::TensorFile& file, const std::string& path) {
  try {
    return models::resolved(models::config_from_json(json_metadata(file, "config", path)));
  } catch (const models::UnknownSetting& error) {
    const auto writer = file.metadata.find("program");
    throw Error(path + ": " + error.what() + "; " +
                newer_program_hint(writer == file.metadata.end() ? "" : writer->second));
  }
}

/// The parameters by name, converted to `type`.
std::map<std::string, torch::Tensor> tensors_of(const models::Model& network,
                                                torch::ScalarType type) {
  auto tensors = tensors_by_name(network);
  for (auto& [name, tensor] : tensors) {
    if (tensor.scalar_type() == type) continue;
    tensor = tensor.to(type);
    if (!all_finite(tensor)) {
      throw Error("the tensor '" + name + "' holds a value too large for " + torch::toString(type));
    }
  }
  return tensors;
}

void check_version(const models::TensorFile& file, const std::string& path) {
  if (const auto version = metadata(file, "musicvae_version", path); version != kModelVersion) {
    throw Error(path + " is a model of version " + version + "; this program reads version " +
                kModelVersion);
  }
}

MusicModel load_untuned(const std::string& path_or_name, const torch::Device& device);

/// A model on top of another.
MusicModel tuned_from_file(const models::TensorFile& file, const std::string& path,
                           const torch::Device& device) {
  check_version(file, path);
  const auto pieces = file.tensors.find("pieces");
  const auto mu = file.tensors.find("mu.bias");
  if (pieces == file.tensors.end() || pieces->second.dim() != 2 || mu == file.tensors.end() ||
      mu->second.dim() != 1 || mu->second.size(0) < 1) {
    throw Error(path + " is no whole tuned model; tune it again");
  }
  const std::string base = metadata(file, kBase, path);
  MusicModel model;
  try {
    model = load_untuned(base, device);
  } catch (const Error& error) {
    throw Error(path + " stands on the model '" + base + "': " + error.what());
  }
  const auto network =
      std::make_shared<models::Tuned>(model.network, static_cast<int>(mu->second.size(0)),
                                      pieces->second.size(0), torch::Generator());
  load_tensors(*network, file.tensors, path);
  network->to(device);
  network->eval();
  model.network = network;
  model.training = json_metadata(file, "training", path);
  return model;
}

MusicModel from_file(const models::TensorFile& file, const std::string& path,
                     const torch::Device& device) {
  check_version(file, path);
  const auto config = read_config(file, path);
  const datasets::Grid grid = read_grid(file, path);
  MusicModel model =
      make_music_model(config, datasets::make_codec(metadata(file, "codec", path), grid), {});
  if (!(model.network->config() == config)) {
    throw Error(path + ": its network does not fit the rows of its codec");
  }
  load_tensors(*model.network, file.tensors, path);
  model.training = json_metadata(file, "training", path);
  model.device = device;
  model.network->to(device);
  model.network->eval();
  return model;
}

MusicModel load(const std::string& path_or_name, const torch::Device& device, bool may_be_tuned) {
  const fs::path path = find_model(path_or_name);
  const auto file = models::read_safetensors(path);
  try {
    if (!file.metadata.contains(kBase)) return from_file(file, path.string(), device);
    // Files that name each other would be read without end.
    if (!may_be_tuned) throw Error(path.string() + " is tuned itself; tune the one below it");
    return tuned_from_file(file, path.string(), device);
  } catch (const nlohmann::json::exception& error) {
    throw Error(path.string() + ": its metadata is damaged: " + error.what());
  } catch (const models::ModelError& error) {
    throw Error(path.string() + ": " + error.what());
  } catch (const datasets::DatasetError& error) {
    throw Error(path.string() + ": " + error.what());
  }
}

MusicModel load_untuned(const std::string& path_or_name, const torch::Device& device) {
  return load(path_or_name, device, false);
}

}  // namespace

MusicModel make_music_model(models::ModelConfig config,
                            std::shared_ptr<const datasets::Codec> codec,
                            torch::Generator generator) {
  const auto shape = codec->row_shape();
  config.row_kind = shape.kind == datasets::RowShape::Kind::kToken ? models::RowKind::kTokens
                                                                   : models::RowKind::kBits;
  config.row_width = shape.width;
  config.control_width = datasets::control_width();
  if (models::needs_pitches(config.family)) {
    config.pitch_first = codec->pitch_tokens().first;
    config.pitch_count = codec->pitch_tokens().count;
  }
  if (models::needs_slots(config)) config.rows_per_bar = codec->max_rows(codec->longest_bar());
  MusicModel model;
  model.network = models::make_model(config, std::move(generator));
  model.codec = std::move(codec);
  return model;
}

models::Batch make_batch(const MusicModel& model,
                         std::span<const std::vector<datasets::BarRows>> passages) {
  std::size_t longest = 0;
  for (const auto& passage : passages) longest = std::max(longest, passage.size());
  auto tensors = datasets::to_tensors(passages, model.codec->row_shape(), model.codec->grid(),
                                      model.bar_slots(longest));
  return models::Batch{tensors.rows, tensors.lengths_BU, tensors.controls_BUC}.to(model.device);
}

void save_model(const MusicModel& model, const fs::path& path, torch::ScalarType type) {
  if (std::dynamic_pointer_cast<models::Tuned>(model.network)) {
    throw Error("a tuned model is written as it is tuned, and is small already");
  }
  models::TensorFile file;
  file.tensors = tensors_of(*model.network, type);
  file.metadata = {
      {"format", "musicvae"},
      {"musicvae_version", kModelVersion},
      {"program", program_name()},
      {"config", models::to_json(model.network->config()).dump()},
      {"codec", std::string(model.codec->name())},
      {"grid", nlohmann::json{{"steps_per_quarter", model.codec->grid().steps_per_quarter}}.dump()},
      {"training", model.training.dump()},
  };
  models::write_safetensors(file, path);
}

void save_tuned_model(const MusicModel& model, const std::string& base, const fs::path& path) {
  models::TensorFile file;
  file.tensors = tensors_of(*model.network, torch::kHalf);
  file.metadata = {{"format", "musicvae"},
                   {"musicvae_version", kModelVersion},
                   {"program", program_name()},
                   {kBase, base},
                   {"training", model.training.dump()}};
  models::write_safetensors(file, path);
}

MusicModel load_model(const std::string& path_or_name, const torch::Device& device) {
  return load(path_or_name, device, true);
}

}  // namespace musicvae
