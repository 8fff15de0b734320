#include "src/studio/studio.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <spawn.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/commands/options/synth_input.hpp"

extern char** environ;

namespace musicvae::commands {
namespace {

struct StudioCommandOptions {
  CommonOptions common;
  ModelOptions model;
  SynthOptions synth;
  std::vector<std::string> files;
  int port = 0;
  bool open = false;
};

#ifdef __APPLE__
constexpr const char* kOpener = "open";
#else
constexpr const char* kOpener = "xdg-open";
#endif

/// Shows `address` in the user's browser, as far as there is one.
void open_browser(const std::string& address) {
  std::string opener = kOpener, argument = address;
  char* const arguments[] = {opener.data(), argument.data(), nullptr};
  pid_t child = 0;
  if (posix_spawnp(&child, kOpener, nullptr, nullptr, arguments, environ) != 0) {
    std::cerr << "no browser could be opened; open the address yourself\n";
  }
}

void run(const StudioCommandOptions& options) {
  studio::StudioOptions studio;
  studio.api = {options.model.model, options.model.device, options.common.threads, options.synth};
  studio.port = options.port;
  studio.files = options.files;
  studio::run_studio(studio, [&](const std::string& address) {
    if (options.common.json) {
      print_json({{"address", address}});
    } else {
      log(options.common, "Open this page in a browser; Ctrl-C ends the studio:");
      std::cout << address << std::endl;
    }
    std::cout.flush();
    if (options.open) open_browser(address);
  });
}

}  // namespace

void setup_studio(CLI::App& command) {
  auto options = std::make_shared<StudioCommandOptions>();
  options->model.model.clear();  // As each command chooses.
  command
      .add_option(
          "files", options->files,
          "MIDI files to open, folders of training runs to watch, and folders of MIDI files or a "
          "prepared corpus to make a map of; the page takes more files")
      ->type_name("FILE|RUN|CORPUS|FOLDER");
  command.add_flag("--open", options->open, "Open the page in this machine's browser");
  command.add_option("--port", options->port, "Port on 127.0.0.1; a free one unless given")
      ->check(between(1, 65535))
      ->type_name("PORT");
  add_model_options(command, options->model);
  command.get_option("--model")->default_str("what each command takes");
  add_synth_options(command, options->synth);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
