#include "src/commands/engine.hpp"

#include <c10/util/Exception.h>

#include "src/base/error.hpp"
#include "src/commands/command_line.hpp"

namespace musicvae::commands {
namespace {

const Setups kSetups = {
#define ENGINE_COMMAND(name, summary, example) {#name, setup_##name},
#include "src/commands/table.inc"
};

int run(int argc, char** argv) {
  try {
    return run_command_line(argc, argv, kSetups);
  } catch (const c10::Error& error) {
    throw Error(error.what_without_backtrace());
  }
}

}  // namespace

extern "C" int musicvae_run_engine(int argc, char** argv) {
  return guarded([=] { return run(argc, argv); });
}

}  // namespace musicvae::commands
