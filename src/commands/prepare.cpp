#include <iostream>
#include <memory>

#include "src/commands/commands.hpp"
#include "src/commands/corpus_input.hpp"

namespace musicvae::commands {
namespace {

struct PrepareOptions {
  CommonOptions common;
  CorpusInput input;
  std::string output;
  std::string codec = "notes";
  int steps_per_quarter = 4;
};

void run(const PrepareOptions& options) {
  const auto report = prepare(options.input, options.codec, {options.steps_per_quarter},
                              options.output, options.common);
  if (options.common.json) {
    auto json = to_json(report);
    json["corpus"] = options.output;
    print_json(json);
  } else {
    std::cout << describe(report) << "corpus: " << options.output << '\n';
  }
}

}  // namespace

void setup_prepare(CLI::App& app) {
  auto options = std::make_shared<PrepareOptions>();
  auto* command = app.add_subcommand(
      "prepare", "Turn files and folders into one corpus file, split by piece, duplicates removed");
  add_corpus_options(*command, options->input);
  command->get_option("paths")->required();
  command->add_option("-o,--output", options->output, "Corpus file to write")
      ->required()
      ->type_name("CORPUS");
  command->add_option("--codec", options->codec, "Whose losses are reported")
      ->check(CLI::IsMember(datasets::codec_names()))
      ->capture_default_str();
  command->add_option("--steps-per-quarter", options->steps_per_quarter, "Grid; 12 also holds triplets")
      ->check(CLI::Range(1, 96))
      ->capture_default_str();
  add_common_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace musicvae::commands
