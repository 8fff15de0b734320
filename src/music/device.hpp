#pragma once

#include <string>

#include <torch/types.h>

/// Where networks run.
namespace musicvae {

/// "cpu", "cuda", or "auto": CUDA where it is at hand. Throws Error where "cuda" is not.
torch::Device pick_device(const std::string& name);

/// Threads of everything that trains or evaluates; 0 is one for each core that the program may use.
void use_threads(int threads);

}  // namespace musicvae
