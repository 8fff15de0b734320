#pragma once

#include <string>

#include <torch/types.h>

/// Where networks run.
namespace musicvae {

/// `name` is "cpu", "cuda", or "auto", which takes CUDA where it is at hand. Throws Error where
/// "cuda" is not at hand.
torch::Device pick_device(const std::string& name);

/// Sets the threads of everything that trains or evaluates. 0 is one for each core that the program
/// may use.
void use_threads(int threads);

}  // namespace musicvae
