#include "src/music/tensor_names.hpp"

#include <bit>
#include <cstdint>
#include <span>
#include <sstream>

#include <torch/utils.h>

#include "src/base/error.hpp"

namespace musicvae {
namespace {

std::string shape_of(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

/// Copies nothing where the values can stay where they are, such as in a mapped file.
void set_values(torch::Tensor parameter, const torch::Tensor& values) {
  if (values.dtype() == parameter.dtype() && values.device() == parameter.device() &&
      values.is_contiguous()) {
    parameter.set_data(values);
  } else {
    parameter.detach().copy_(values);
  }
}

}  // namespace

bool all_finite(const torch::Tensor& tensor) {
  constexpr std::uint32_t kExponent = 0x7f800000;  // An infinity or a NaN has all of these set.
  const auto values = tensor.to(torch::kCPU, torch::kFloat).contiguous();
  const std::span floats(values.data_ptr<float>(), static_cast<std::size_t>(values.numel()));
  bool finite = true;
  for (const float value : floats) {
    finite &= (std::bit_cast<std::uint32_t>(value) & kExponent) != kExponent;
  }
  return finite;
}

std::map<std::string, torch::Tensor> tensors_by_name(const torch::nn::Module& module) {
  std::map<std::string, torch::Tensor> result;
  for (const auto& item : module.named_parameters()) result[item.key()] = item.value().detach();
  return result;
}

void load_tensors(torch::nn::Module& module, const std::map<std::string, torch::Tensor>& tensors,
                  const std::string& source) {
  const torch::NoGradGuard no_grad;
  const auto own = tensors_by_name(module);
  for (const auto& [name, tensor] : tensors) {
    const auto target = own.find(name);
    if (target == own.end()) throw Error(source + ": the tensor '" + name + "' is unknown");
    if (target->second.sizes() != tensor.sizes()) {
      throw Error(source + ": the tensor '" + name + "' has shape " + shape_of(tensor) +
                  " where the model's is " + shape_of(target->second));
    }
    if (!tensor.is_floating_point()) {
      throw Error(source + ": the tensor '" + name + "' does not hold floating-point numbers");
    }
    if (!all_finite(tensor)) {
      throw Error(source + ": the tensor '" + name + "' holds values that are not finite");
    }
  }
  for (const auto& item : module.named_parameters()) {
    const auto found = tensors.find(item.key());
    if (found == tensors.end()) {
      throw Error(source + ": the tensor '" + item.key() + "' is missing");
    }
    set_values(item.value(), found->second);
  }
}

}  // namespace musicvae
