#include <exception>
#include <iostream>

#include <c10/util/Exception.h>

#include "src/commands/commands.hpp"
#include "src/commands/config_file.hpp"
#include "src/error.hpp"
#include "src/version.hpp"

namespace musicvae {
namespace {

void setup(CLI::App& app) {
  app.description("Hierarchical recurrent VAEs for symbolic music");
  app.set_version_flag("--version", std::string("musicvae ") + version());
  app.require_subcommand(1);
  app.option_defaults()->take_last();  // so that flags win over --config
  commands::setup_inspect(app);
  commands::setup_prepare(app);
  commands::setup_train(app);
  commands::setup_evaluate(app);
  commands::setup_reconstruct(app);
  commands::setup_sample(app);
  commands::setup_interpolate(app);
  commands::setup_models(app);
#ifdef MUSICVAE_PORTS
  commands::setup_ports(app);
#endif
}

int fail(const char* message, ExitCode code) {
  std::cerr << "musicvae: " << message << '\n';
  return code;
}

int run(int argc, char** argv) {
  CLI::App app;
  setup(app);
  try {
    app.parse(commands::expand_config({argv + 1, argv + argc}));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return kExitDone;
}

}  // namespace
}  // namespace musicvae

int main(int argc, char** argv) {
  try {
    return musicvae::run(argc, argv);
  } catch (const musicvae::UsageError& error) {
    return musicvae::fail(error.what(), musicvae::kExitUsage);
  } catch (const musicvae::Interrupted& error) {
    return musicvae::fail(error.what(), musicvae::kExitInterrupted);
  } catch (const std::bad_alloc&) {
    return musicvae::fail("out of memory", musicvae::kExitFailed);
  } catch (const c10::Error& error) {
    return musicvae::fail(error.what_without_backtrace(), musicvae::kExitFailed);
  } catch (const std::exception& error) {
    return musicvae::fail(error.what(), musicvae::kExitFailed);
  }
}
