#include <memory>

#include "src/commands/commands.hpp"
#include "src/commands/options/corpus_input.hpp"

namespace musicvae::commands {
namespace {

struct PrepareOptions {
  CommonOptions common;
  CorpusInput input;
  std::string output;
  RowOptions rows;
};

void run(const PrepareOptions& options) {
  check_paths(options.input, "prepare");
  check_output(options.output, options.common);
  const auto report = prepare(options.input, options.rows.codec, {options.rows.steps_per_quarter},
                              options.output, options.common);
  if (report.validation_pieces == 0) {
    log(options.common,
        "warning: no piece is held out for validation, so a training could not tell its best "
        "model; --hold-out, --validation-share or more pieces give some");
  }
  if (options.common.json) {
    auto json = to_json(report);
    json["corpus"] = options.output;
    print_json(json);
  } else {
    say_made(options.output, describe(report) + "corpus: " + options.output + "\n", options.common);
  }
}

}  // namespace

void setup_prepare(CLI::App& command) {
  auto options = std::make_shared<PrepareOptions>();
  add_corpus_options(command, options->input);
  command.add_option("-o,--output", options->output, "Corpus file to write")
      ->required()
      ->type_name("CORPUS");
  add_row_options(command, options->rows, "Row encoding whose losses are reported");
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
