#include <filesystem>
#include <iostream>
#include <memory>

#include "src/commands/commands.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/music_model.hpp"

namespace musicvae::commands {
namespace {

nlohmann::json describe_model(const std::filesystem::path& path) {
  const MusicVae model(path.string(), "cpu");
  return {{"name", path.stem().string()},
          {"file", path.string()},
          {"family", model.family()},
          {"codec", model.codec().name()},
          {"steps_per_quarter", model.codec().grid().steps_per_quarter},
          {"bars", model.bars()},
          {"latent", model.latent_size()},
          {"parameters", model.parameter_count()},
          {"training", nlohmann::json::parse(model.training_record())}};
}

nlohmann::json models_at_hand() {
  auto list = nlohmann::json::array();
  for (const auto& folder : model_directories()) {
    std::error_code absent;
    for (const auto& entry : std::filesystem::directory_iterator(folder, absent)) {
      if (entry.path().extension() == ".safetensors") list.push_back(describe_model(entry.path()));
    }
  }
  return list;
}

struct ModelsOptions {
  CommonOptions common;
  std::string halved;
  std::string output;
};

/// Half as large, and the program computes with floats all the same.
void write_half_precision(const ModelsOptions& options) {
  save_model(musicvae::load_model(options.halved), options.output, torch::kHalf);
  if (options.common.json) {
    print_json({{"model", options.output}});
  } else {
    std::cout << "model: " << options.output << '\n';
  }
}

void list_models(const CommonOptions& common) {
  const auto list = models_at_hand();
  if (common.json) {
    print_json({{"default", kDefaultModel}, {"models", list}});
    return;
  }
  for (const auto& model : list) {
    std::cout << model.at("name").get<std::string>() << ": "
              << model.at("family").get<std::string>() << ", codec "
              << model.at("codec").get<std::string>() << ", " << model.at("bars") << " bars, z "
              << model.at("latent") << ", " << model.at("parameters") << " parameters\n  "
              << model.at("file").get<std::string>() << '\n';
  }
  if (list.empty()) {
    std::cout << "no models at hand; train one with `musicvae train`, or put .safetensors files "
                 "into the folder that MUSICVAE_MODELS names\n";
  }
}

void run(const ModelsOptions& options) {
  if (options.halved.empty()) {
    list_models(options.common);
  } else {
    write_half_precision(options);
  }
}

}  // namespace

void setup_models(CLI::App& command) {
  auto options = std::make_shared<ModelsOptions>();
  auto* const halved =
      command
          .add_option("--half-precision", options->halved,
                      "Write a copy of this model in half precision, half as large")
          ->type_name("MODEL");
  auto* const output =
      command.add_option("-o,--output", options->output, "The copy's file")->type_name("FILE");
  halved->needs(output);
  output->needs(halved);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
