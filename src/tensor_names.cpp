#include "src/tensor_names.hpp"

#include <sstream>

#include <torch/utils.h>

#include "src/error.hpp"

namespace musicvae {
namespace {

std::string shape_of(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

}  // namespace

std::map<std::string, torch::Tensor> parameters_by_name(const torch::nn::Module& module) {
  std::map<std::string, torch::Tensor> result;
  for (const auto& item : module.named_parameters()) result[item.key()] = item.value().detach();
  return result;
}

void load_parameters(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors,
                     const std::string& source) {
  const torch::NoGradGuard no_grad;
  const auto parameters = module.named_parameters();
  for (const auto& [name, tensor] : tensors) {
    const auto* parameter = parameters.find(name);
    if (parameter == nullptr) throw Error(source + ": the tensor '" + name + "' is unknown");
    if (parameter->sizes() != tensor.sizes()) {
      throw Error(source + ": the tensor '" + name + "' has shape " + shape_of(tensor) +
                  " where the model's is " + shape_of(*parameter));
    }
    if (!tensor.is_floating_point()) {
      throw Error(source + ": the tensor '" + name + "' does not hold floating-point numbers");
    }
    if (!torch::isfinite(tensor).all().item<bool>()) {
      throw Error(source + ": the tensor '" + name + "' holds values that are not finite");
    }
  }
  for (const auto& item : parameters) {
    const auto found = tensors.find(item.key());
    if (found == tensors.end()) {
      throw Error(source + ": the tensor '" + item.key() + "' is missing");
    }
    item.value().detach().copy_(found->second);
  }
}

}  // namespace musicvae
