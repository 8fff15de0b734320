#include "models/layers/linear.hpp"

#include <torch/autograd.h>
#include <torch/utils.h>

#include "models/kernels/gemm.hpp"
#include "models/runtime/mixed_precision.hpp"
#include "models/runtime/own_kernels.hpp"

namespace musicvae::models {
namespace {

/// out [N, C] = a b, or out += a b.
void multiply_into(torch::Tensor& out_NC, const torch::Tensor& a_NK, const MatrixView& b,
                   bool accumulate) {
  multiply({out_NC.size(0), out_NC.size(1), a_NK.size(1)}, {a_NK.data_ptr<float>(), a_NK.size(1)},
           b, accumulate, out_NC.data_ptr<float>(), out_NC.size(1), product_factors(a_NK));
}

/// a^T b, [O, I], for a [N, O] and b [N, I].
torch::Tensor transposed_product(const torch::Tensor& a_NO, const torch::Tensor& b_NI) {
  const auto outputs = a_NO.size(1);
  const auto inputs = b_NI.size(1);
  auto out_OI = torch::empty({outputs, inputs}, a_NO.options());
  multiply({outputs, inputs, a_NO.size(0)}, {a_NO.data_ptr<float>(), outputs, true},
           {b_NI.data_ptr<float>(), inputs}, false, out_OI.data_ptr<float>(), inputs,
           product_factors(a_NO));
  return out_OI;
}

torch::Tensor linear_forward(const torch::Tensor& x_NI, const torch::Tensor& weight_OI,
                             const torch::Tensor& bias_O) {
  // clone() and not contiguous(), which would return the bias itself if there is one row.
  auto y_NO = bias_O.expand({x_NI.size(0), bias_O.size(0)}).clone(at::MemoryFormat::Contiguous);
  multiply_into(y_NO, x_NI, {weight_OI.data_ptr<float>(), weight_OI.size(1), true}, true);
  return y_NO;
}

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x_NI,
                               const torch::Tensor& weight_OI, const torch::Tensor& bias_O) {
    context->save_for_backward({x_NI, weight_OI});
    context->saved_data["x_has_gradient"] = x_NI.requires_grad();
    return linear_forward(x_NI, weight_OI, bias_O);
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& x_NI = saved[0];
    const auto& weight_OI = saved[1];
    const auto gradient_NO = gradients[0].contiguous();
    torch::Tensor x_gradient_NI;  // None where x is data, such as the rows of a batch.
    if (context->saved_data["x_has_gradient"].toBool()) {
      x_gradient_NI = torch::empty_like(x_NI);
      multiply_into(x_gradient_NI, gradient_NO, {weight_OI.data_ptr<float>(), weight_OI.size(1)},
                    false);
    }
    return {x_gradient_NI, transposed_product(gradient_NO, x_NI), gradient_NO.sum(0)};
  }
};

}  // namespace

torch::Tensor linear(const torch::Tensor& x, const torch::Tensor& weight,
                     const torch::Tensor& bias) {
  if (!has_own_kernels(x) || x.numel() == 0) {
    const auto type = compute_type(x);
    return torch::linear(x.to(type), weight.to(type), bias.to(type)).to(x.scalar_type());
  }
  TORCH_CHECK(x.size(-1) == weight.size(1) && bias.size(0) == weight.size(0),
              "linear: x, weight and bias do not fit each other");
  auto sizes = x.sizes().vec();
  sizes.back() = weight.size(0);
  const auto x_NI = x.reshape({-1, x.size(-1)}).contiguous();
  // Generation takes many small steps, in which the bookkeeping of a graph would cost time.
  const auto y_NO = torch::GradMode::is_enabled()
                        ? LinearFunction::apply(x_NI, weight.contiguous(), bias.contiguous())
                        : linear_forward(x_NI, weight.contiguous(), bias.contiguous());
  return y_NO.view(sizes);
}

}  // namespace musicvae::models
