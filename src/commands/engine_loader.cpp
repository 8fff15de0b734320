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

}  // namespace

RunEngine* load_engine() {
  load_what_torch_needs();
  return reinterpret_cast<RunEngine*>(load_function(MUSICVAE_ENGINE_FILE, "musicvae_run_engine"));
}

}  // namespace musicvae::commands
