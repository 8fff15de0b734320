#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "src/base/file.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/making/showing.hpp"
#include "src/commands/options/common.hpp"

namespace musicvae::commands {
namespace {

struct ReportOptions {
  CommonOptions common;
  std::vector<std::string> files;
  std::string output;
  std::string title;
};

void run(const ReportOptions& options) {
  check_output(options.output, options.common);
  check_writable(options.output);
  const std::string title = options.title.empty()
                                ? std::filesystem::path(options.files.front()).stem().string()
                                : options.title;
  const std::size_t pieces = write_report(options.files, title, options.output);
  if (options.common.json) {
    print_json({{"file", options.output}, {"pieces", pieces}});
  } else {
    say_made(options.output, options.output + "\n", options.common);
  }
}

}  // namespace

void setup_report(CLI::App& command) {
  auto options = std::make_shared<ReportOptions>();
  command.add_option("files", options->files, "MIDI files")
      ->required()
      ->type_name("FILE")
      ->take_all();
  command.add_option("-o,--output", options->output, "Page to write; - is standard output")
      ->required()
      ->type_name("HTML");
  command.add_option("--title", options->title, "Title; the first file's name unless given")
      ->type_name("TEXT");
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
