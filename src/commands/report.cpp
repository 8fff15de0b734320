#include "src/studio/report.hpp"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/base/file.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/common.hpp"

namespace musicvae::commands {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{16} << 20;

struct ReportOptions {
  CommonOptions common;
  std::vector<std::string> files;
  std::string output;
  std::string title;
};

void run(const ReportOptions& options) {
  check_output(options.output, options.common);
  check_writable(options.output);
  studio::Pieces pieces;
  std::vector<studio::PiecePointer> shown;
  for (const std::string& file : options.files) {
    const auto added =
        for_flag(file, [&] { return pieces.add_file(file, read_file(file, kMostFileBytes)); });
    shown.insert(shown.end(), added.begin(), added.end());
  }
  const std::string title = options.title.empty()
                                ? std::filesystem::path(options.files.front()).stem().string()
                                : options.title;
  const std::string page = studio::report_page(title, shown);
  write_file_atomically(options.output, std::as_bytes(std::span(page)));
  if (options.common.json) {
    print_json({{"file", options.output}, {"pieces", shown.size()}});
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
