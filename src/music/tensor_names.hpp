#pragma once

#include <map>
#include <string>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace musicvae {

/// A module's parameters by name, detached.
std::map<std::string, torch::Tensor> parameters_by_name(const torch::nn::Module& module);

/// Gives the module's parameters the values of `tensors`, and their memory where type and device
/// are the same: not to be used for anything else then. Throws Error (naming `source`) where names
/// or shapes differ or a value is not finite.
void load_parameters(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors,
                     const std::string& source);

}  // namespace musicvae
