#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>

#include "src/commands/commands.hpp"
#include "src/commands/corpus_input.hpp"
#include "src/commands/model_input.hpp"
#include "src/error.hpp"
#include "src/evaluation.hpp"
#include "src/interrupt.hpp"
#include "src/temporary_file.hpp"

namespace musicvae::commands {
namespace {

struct EvaluateOptions {
  CommonOptions common;
  ModelOptions model;
  EvaluationOptions evaluation;
  CorpusInput input;
  std::string split = "all";
};

std::vector<datasets::Window> windows_of(const datasets::Corpus& corpus, const std::string& split,
                                         int bars) {
  std::vector<datasets::Window> windows;
  for (const auto part : {datasets::Split::kTrain, datasets::Split::kValidation}) {
    const bool wanted = split == "all" || (split == "train") == (part == datasets::Split::kTrain);
    if (!wanted) continue;
    const auto some = datasets::consecutive_windows(corpus, part, bars);
    windows.insert(windows.end(), some.begin(), some.end());
  }
  if (windows.empty()) throw Error("there is no piece in the split '" + split + "'");
  return windows;
}

void show(const EvaluateOptions& options, const Evaluation& evaluation) {
  const auto json = to_json(evaluation);
  if (options.common.json) {
    print_json(json);
    return;
  }
  for (const auto& [key, value] : json.items()) {
    char line[80];
    std::snprintf(line, sizeof line, value.is_number_float() ? "%-26s %10.4f" : "%-26s %10.0f",
                  key.c_str(), value.get<double>());
    std::cout << line << '\n';
  }
}

void run(const EvaluateOptions& options) {
  const MusicModel model = load_model(options.model, options.common);
  const TemporaryFile prepared("musicvae-evaluate");
  const auto corpus =
      datasets::Corpus::open(corpus_for(options.input, std::string(model.codec->name()),
                                        model.codec->grid(), prepared.path(), options.common));
  const auto windows = windows_of(corpus, options.split, model.bars());
  const InterruptGuard interrupt;
  Progress progress(options.common.verbosity());
  const auto report = [&](double fraction) {
    progress.update(fraction, std::to_string(windows.size()) + " passages");
    return !InterruptGuard::requested();
  };
  show(options, evaluate(model, corpus, windows, options.evaluation, report));
}

}  // namespace

void setup_evaluate(CLI::App& command) {
  auto options = std::make_shared<EvaluateOptions>();
  add_corpus_options(command, options->input);
  command.get_option("paths")->required();
  command.add_option("--split", options->split, "Which pieces")
      ->check(CLI::IsMember({"all", "train", "validation"}))
      ->capture_default_str();
  command.add_option("--batch-size", options->evaluation.batch_size, "Passages at once")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command.add_option("--seed", options->evaluation.seed, "Of z and the sampled reconstruction")
      ->capture_default_str();
  command
      .add_option("--temperature", options->evaluation.temperature, "Of the sampled reconstruction")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  add_model_options(command, options->model);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
