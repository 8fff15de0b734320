#include "src/training/run_folder.hpp"

#include <cmath>
#include <fstream>
#include <span>
#include <utility>

#include "models/files/safetensors.hpp"
#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/json.hpp"
#include "src/music/tensor_names.hpp"
#include "src/music/version.hpp"

namespace musicvae {
namespace {

constexpr const char* kStateVersion = "1";
constexpr std::size_t kMostConfigBytes = std::size_t{1} << 20;

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
  return std::filesystem::exists(state()) || std::filesystem::exists(model());
}

void RunFolder::save_config(const TrainingOptions& options, const RunCorpus& corpus) const {
  const auto path = std::filesystem::absolute(corpus.path).lexically_normal();
  const auto run = std::filesystem::absolute(path_).lexically_normal();
  const nlohmann::json json = {{"program", program_name()},
                               {"corpus", path.string()},
                               {"corpus_from_run", path.lexically_relative(run).string()},
                               {"corpus_content", corpus.content},
                               {"options", musicvae::to_json(options)}};
  write_text(config(), json.dump(2) + "\n");
}

nlohmann::json RunFolder::read_config() const {
  const auto bytes = read_file(config(), kMostConfigBytes);
  return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, config().string());
}

TrainingOptions RunFolder::load_config() const {
  const auto json = read_config();
  try {
    return training_options_from_json(json.at("options"));
  } catch (const nlohmann::json::exception& error) {
    throw Error(config().string() + " is damaged: " + error.what());
  } catch (const models::UnknownSetting& error) {
    throw Error(config().string() + ": " + error.what() + "; " +
                newer_program_hint(json.value("program", "")));
  } catch (const models::ModelError& error) {
    throw Error(config().string() + ": " + error.what());
  }
}

std::vector<RunCorpus> RunFolder::load_corpora() const {
  const auto json = read_config();
  try {
    const auto content = json.value("corpus_content", std::uint64_t{0});
    const std::string path = json.at("corpus");
    // A program that did not write down the way from the run left what it had prepared in the run.
    const std::string from_run = json.value("corpus_from_run", corpus().filename().string());
    return {{path_ / from_run, content}, {path, content}};
  } catch (const nlohmann::json::exception& error) {
    throw Error(config().string() + " is damaged: " + error.what());
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
      return parse_json(file.metadata.at(key), state().string());
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

RunHold::RunHold(RunFolder folder, bool is_new, bool made_folder)
    : folder_(std::move(folder)),
      is_new_(is_new),
      made_folder_(made_folder),
      lock_(std::make_unique<ProcessLock>(folder_.lock(), folder_.path().string())) {}

RunHold RunHold::begin(const RunFolder& folder) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder.path(), error);
  if (error)
    throw Error("cannot make the folder " + folder.path().string() + ": " + error.message());
  RunHold hold(folder, /*is_new=*/false, made);
  const auto run = folder.path().string();
  if (folder.holds_run()) {
    throw Error(run + " already holds a training run; go on with it by --resume " + run +
                ", or name another folder by -o");
  }
  if (std::filesystem::exists(folder.config())) folder.load_config();  // Nobody else's.
  hold.is_new_ = true;
  return hold;
}

RunHold RunHold::resume(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.config())) {
    throw Error(folder.path().string() +
                " holds no training run; name the folder that `musicvae train -o` made");
  }
  return {folder, /*is_new=*/false, /*made_folder=*/false};
}

RunHold::~RunHold() {
  if (lock_ == nullptr || !is_new_ || folder_.holds_run()) return;
  std::error_code ignored;
  for (const auto& file : {folder_.config(), folder_.corpus(), folder_.metrics(), folder_.lock()}) {
    std::filesystem::remove(file, ignored);
  }
  std::filesystem::remove_all(folder_.samples(), ignored);
  if (made_folder_) std::filesystem::remove(folder_.path(), ignored);  // Where it is empty.
}

}  // namespace musicvae
