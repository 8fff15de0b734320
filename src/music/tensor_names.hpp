#pragma once

#include <map>
#include <string>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace musicvae {

/// A module's parameters, detached, by name.
std::map<std::string, torch::Tensor> tensors_by_name(const torch::nn::Module& module);

/// Whether no value is an infinity or a NaN, in one pass; Torch's isfinite() takes five.
bool all_finite(const torch::Tensor& tensor);

/// Gives the module's parameters the values of `tensors`. Where type and device are the
/// same, they take over the tensors' memory, which must not be used for anything else then. Throws
/// Error naming `source` where names or shapes differ or a value is not finite.
void load_tensors(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors,
                  const std::string& source);

}  // namespace musicvae
