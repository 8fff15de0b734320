#include <algorithm>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/json.hpp"
#include "src/base/text.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/music_model.hpp"

namespace musicvae::commands {
namespace {

/// A model's card says what it is for, under "purpose", and how good it is at that, by figures
/// with names.
constexpr const char* kCard = "card";
constexpr std::size_t kMostCardBytes = 16'384;

/// Reads a card. Throws Error where it is none.
nlohmann::json read_card(const std::string& path) {
  const auto bytes = read_file(path, kMostCardBytes);
  const auto card = parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  const auto is_number = [](const nlohmann::json& value) { return value.is_number(); };
  const bool good = card.is_object() && card.size() == 2 && card.contains("purpose") &&
                    card["purpose"].is_string() && card.contains("figures") &&
                    card["figures"].is_object() &&
                    std::all_of(card["figures"].begin(), card["figures"].end(), is_number);
  if (!good) {
    throw Error(path + R"(: a card is JSON such as {"purpose": "tunes", "figures": {"F1": 0.9}})");
  }
  return card;
}

nlohmann::json describe_model(const std::filesystem::path& path) {
  const MusicVae model(path.string(), "cpu");
  auto training = nlohmann::json::parse(model.training_record());
  const auto card = training.value(kCard, nlohmann::json::object());
  training.erase(kCard);
  return {{"name", path.stem().string()},
          {"file", path.string()},
          {"bytes", std::filesystem::file_size(path)},
          {"purpose", card.value("purpose", "")},
          {"figures", card.value("figures", nlohmann::json::object())},
          {"family", model.family()},
          {"posterior", model.model().network->config().posterior},
          {"prior", model.model().network->config().prior},
          {"objective", model.model().network->config().objective},
          {"codec", model.codec().name()},
          {"steps_per_quarter", model.codec().grid().steps_per_quarter},
          {"bars", model.bars()},
          {"latent", model.latent_size()},
          {"parameters", model.parameter_count()},
          {"training", std::move(training)}};
}

/// A file that cannot be used is listed with the reason, and does not hide the others.
nlohmann::json describe(const std::filesystem::path& path) {
  try {
    return describe_model(path);
  } catch (const std::exception& error) {
    return {{"name", path.stem().string()}, {"file", path.string()}, {"error", error.what()}};
  }
}

nlohmann::json models_at_hand() {
  namespace fs = std::filesystem;
  auto list = nlohmann::json::array();
  std::set<fs::path> names;
  for (const auto& folder : model_directories()) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
      const fs::path& file = entry.path();
      // The first of a name is the one that --model takes.
      if (file.extension() != ".safetensors" || !names.insert(file.stem()).second) continue;
      list.push_back(describe(file));
    }
  }
  return list;
}

struct ModelsOptions {
  CommonOptions common;
  std::string halved;
  std::string card;
  std::string output;
};

/// Half as large, and the program computes with floats all the same.
void write_half_precision(const ModelsOptions& options) {
  check_output(options.output, options.common);
  auto model = musicvae::load_model(options.halved);
  if (!options.card.empty()) model.training[kCard] = read_card(options.card);
  save_model(model, options.output, torch::kHalf);
  if (options.common.json) {
    print_json({{"model", options.output}});
  } else {
    say_made(options.output, "model: " + options.output + "\n", options.common);
  }
}

void print_model(const nlohmann::json& model) {
  const auto text = [&](const char* key) { return printable(model.at(key).get<std::string>()); };
  std::cout << text("name");
  if (model.contains("error")) {
    std::cout << ": cannot be used\n  " << text("error") << '\n';
    return;
  }
  if (!text("purpose").empty()) std::cout << ": " << text("purpose");
  std::cout << '\n';
  for (const auto& [name, value] : model.at("figures").items()) {
    std::cout << "  " << value << "  " << printable(name) << '\n';
  }
  std::cout << "  family " << text("family") << ", codec " << text("codec") << ", "
            << model.at("bars") << " bars, z " << model.at("latent") << ", "
            << model.at("parameters") << " parameters, " << std::fixed << std::setprecision(1)
            << model.at("bytes").get<double>() / 1e6 << " MB\n  " << text("file") << '\n';
}

void list_models(const CommonOptions& common) {
  const auto list = models_at_hand();
  if (common.json) {
    print_json({{"default", kDefaultModel}, {"models", list}});
    return;
  }
  for (const auto& model : list) print_model(model);
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
  command
      .add_option("--card", options->card,
                  "What the copy is for and its figures, for this list: JSON")
      ->type_name("FILE")
      ->needs(halved);
  halved->needs(output);
  output->needs(halved);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
