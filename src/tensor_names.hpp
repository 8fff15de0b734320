#pragma once

#include <map>
#include <string>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace musicvae {

/// A module's parameters by name, detached.
std::map<std::string, torch::Tensor> parameters_by_name(const torch::nn::Module& module);

/// Copies `tensors` into the module's parameters. Throws Error (naming `source`) where names or
/// shapes differ or a value is not finite.
void load_parameters(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors,
                     const std::string& source);

}  // namespace musicvae
