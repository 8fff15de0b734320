#include "src/training/run_folder.hpp"

#include <cmath>
#include <fstream>
#include <span>

#include "models/files/safetensors.hpp"
#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/music/tensor_names.hpp"
#include "src/music/version.hpp"

namespace musicvae {
namespace {

constexpr const char* kStateVersion = "1";

void write_text(const std::filesystem::path& path, const std::string& text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

}  // namespace

nlohmann::json to_json(const TrainingState& state) {
  nlohmann::json json = {{"step", state.step},
                         {"best_step", state.best_step},
                         {"validations_since_best", state.validations_since_best},
                         {"seconds", state.seconds}};
  // JSON has no infinity, so the key is absent until a first validation.
  if (std::isfinite(state.best_validation_loss)) {
    json["best_validation_loss"] = state.best_validation_loss;
  }
  return json;
}

TrainingState state_from_json(const nlohmann::json& json) {
  TrainingState state;
  state.step = json.at("step");
  state.best_step = json.at("best_step");
  state.validations_since_best = json.at("validations_since_best");
  state.seconds = json.at("seconds");
  state.best_validation_loss = json.value("best_validation_loss", state.best_validation_loss);
  return state;
}

bool RunFolder::holds_run() const {
  return std::filesystem::exists(state()) || std::filesystem::exists(config());
}

void RunFolder::create() const {
  if (holds_run()) throw Error(path_.string() + " already holds a training run");
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) throw Error("cannot make the folder " + path_.string() + ": " + error.message());
}

void RunFolder::save_config(const TrainingOptions& options, const std::string& corpus) const {
  const nlohmann::json json = {
      {"program", program_name()}, {"corpus", corpus}, {"options", musicvae::to_json(options)}};
  write_text(config(), json.dump(2) + "\n");
}

TrainingOptions RunFolder::load_config(std::string* corpus) const {
  std::ifstream file(config());
  if (!file) throw Error(path_.string() + " holds no training run: it has no config.json");
  std::string writer;
  try {
    const auto json = nlohmann::json::parse(file);
    writer = json.value("program", "");
    *corpus = json.at("corpus");
    return training_options_from_json(json.at("options"));
  } catch (const nlohmann::json::exception& error) {
    throw Error(config().string() + " is damaged: " + error.what());
  } catch (const models::UnknownSetting& error) {
    throw Error(config().string() + ": " + error.what() + "; " + newer_program_hint(writer));
  } catch (const models::ModelError& error) {
    throw Error(config().string() + ": " + error.what());
  }
}

void RunFolder::save_state(const MusicModel& model, const Adam& optimizer,
                           const TrainingState& state) const {
  models::TensorFile file;
  file.metadata["musicvae_state_version"] = kStateVersion;
  file.metadata["state"] = to_json(state).dump();
  file.metadata["optimizer_steps"] = std::to_string(optimizer.steps());
  for (auto& [name, tensor] : tensors_by_name(*model.network)) {
    file.tensors["parameter." + name] = tensor;
  }
  for (auto& [name, tensor] : optimizer.moments()) file.tensors["adam." + name] = tensor;
  models::write_safetensors(file, this->state());
}

TrainingState RunFolder::load_state(MusicModel& model, Adam& optimizer) const {
  const auto file = models::read_safetensors(state());
  try {
    if (file.metadata.at("musicvae_state_version") != kStateVersion) {
      throw Error(state().string() + " was written by another version of musicvae");
    }
    std::map<std::string, torch::Tensor> parameters, moments;
    for (const auto& [name, tensor] : file.tensors) {
      if (name.starts_with("parameter.")) parameters[name.substr(10)] = tensor;
      if (name.starts_with("adam.")) moments[name.substr(5)] = tensor;
    }
    load_tensors(*model.network, parameters, state().string());
    const auto stored = [&](const char* key) {
      return nlohmann::json::parse(file.metadata.at(key));
    };
    optimizer.load_moments(moments, stored("optimizer_steps"));
    return state_from_json(stored("state"));
  } catch (const std::out_of_range& error) {  // The metadata lack a key.
    throw Error(state().string() + " is not a training state: " + error.what());
  } catch (const nlohmann::json::exception& error) {
    throw Error(state().string() + " is damaged: " + error.what());
  }
}

void RunFolder::truncate_metrics(std::int64_t step) const {
  std::ifstream file(metrics());
  std::string kept, line;
  while (std::getline(file, line)) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.value("step", step + 1) <= step) kept += line + "\n";
  }
  write_text(metrics(), kept);
}

void RunFolder::append_metrics(const nlohmann::json& line) const {
  std::ofstream file(metrics(), std::ios::app);
  file << line.dump() << '\n' << std::flush;
  if (!file) throw Error("cannot write " + metrics().string() + "; is the disk full?");
}

}  // namespace musicvae
