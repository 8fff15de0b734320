#include <dlfcn.h>
#include <string>

#include "src/commands/engine.hpp"
#include "src/error.hpp"

namespace musicvae::commands {

RunEngine* load_engine() {
  // Found by the program's run path: beside it in a build, in lib/musicvae when installed.
  void* engine = dlopen(MUSICVAE_ENGINE_FILE, RTLD_NOW | RTLD_LOCAL);
  void* run = engine == nullptr ? nullptr : dlsym(engine, "musicvae_run_engine");
  if (run == nullptr) {
    throw Error(std::string("cannot load the engine that this command needs: ") + dlerror() +
                "; build or install musicvae again");
  }
  return reinterpret_cast<RunEngine*>(run);
}

}  // namespace musicvae::commands
