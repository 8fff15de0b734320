#pragma once

namespace musicvae::commands {

/// The engine's one door: runs a command line whose command lives there, and gives the exit code.
/// Lets no exception out.
extern "C" int musicvae_run_engine(int argc, char** argv);
using RunEngine = decltype(musicvae_run_engine);

/// Loads the engine. Throws Error where it is not with the program.
RunEngine* load_engine();

}  // namespace musicvae::commands
