#include <cstdlib>
#include <dlfcn.h>
#include <ranges>
#include <string>
#include <string_view>

#include "src/base/module_file.hpp"
#include "src/commands/engine.hpp"

namespace musicvae::commands {
namespace {

/// Debian's Torch brings some 250 libraries. Loaded with it, each of their symbols is looked for in
/// all of them in turn; loaded before it, in what a library itself needs. One that fails here comes
/// with Torch.
void load_what_torch_needs() {
  for (const auto name : std::views::split(std::string_view(MUSICVAE_TORCH_NEEDS), ':')) {
    dlopen(std::string(name.begin(), name.end()).c_str(), RTLD_NOW | RTLD_LOCAL);
  }
}

/// Threads of Torch's operators spin where one waits for another, by default for many milliseconds
/// (libgomp). On a busy machine they so keep the core from the thread that they wait for, and work
/// takes many times as long. Some microseconds are enough for threads that have a core each. Read
/// by libgomp when it is loaded.
void let_threads_wait_asleep() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "2000", /*replace=*/0);
}

}  // namespace

RunEngine* load_engine() {
  let_threads_wait_asleep();
  load_what_torch_needs();
  return reinterpret_cast<RunEngine*>(load_function(MUSICVAE_ENGINE_FILE, "musicvae_run_engine"));
}

}  // namespace musicvae::commands
