#include "models/linear.hpp"

#include <algorithm>

#include <torch/autograd.h>
#include <torch/utils.h>

#include "models/gemm.hpp"
#include "models/mixed_precision.hpp"
#include "models/own_kernels.hpp"
#include "models/threads.hpp"

namespace musicvae::models {
namespace {

/// Multiply-adds below which waking another thread costs more than it saves.
constexpr std::int64_t kLeastWork = 1 << 20;

/// Calls body(first, last) for a share of [0, count) on each thread; `work` is one item's
/// multiply-adds.
template <class Body>
void share_out(std::int64_t count, std::int64_t work, Body body) {
  const auto worthwhile = std::min(count, count * work / kLeastWork);
  const auto shares = std::clamp<std::int64_t>(worthwhile, 1, thread_count());
  run_tasks(static_cast<int>(shares),
            [&](int share) { body(count * share / shares, count * (share + 1) / shares); });
}

/// out [N, C] += a b, where b is as it stands or transposed. Threads share out the longer side of
/// `out`, so that of a few rows none reads all of b.
void add_product(const torch::Tensor& a_NK, const MatrixView& b, torch::Tensor& out_NC) {
  const auto factors = product_factors(a_NK);
  const auto inner = a_NK.size(1);
  const auto rows = out_NC.size(0);
  const auto columns = out_NC.size(1);
  const float* a = a_NK.data_ptr<float>();
  float* out = out_NC.data_ptr<float>();
  if (rows < columns) {
    share_out(columns, inner * rows, [&](std::int64_t first, std::int64_t last) {
      if (first == last) return;
      multiply({rows, last - first, inner}, {a, inner}, b.from(0, first), true, out + first,
               columns, factors);
    });
    return;
  }
  share_out(rows, inner * columns, [&](std::int64_t first, std::int64_t last) {
    if (first == last) return;
    multiply({last - first, columns, inner}, {a + first * inner, inner}, b, true,
             out + first * columns, columns, factors);
  });
}

/// a^T b of a [N, O] and b [N, I]: [O, I].
torch::Tensor transposed_product(const torch::Tensor& a_NO, const torch::Tensor& b_NI) {
  const auto outputs = a_NO.size(1);
  const auto inputs = b_NI.size(1);
  auto out_OI = torch::zeros({outputs, inputs}, a_NO.options());
  if (a_NO.size(0) == 0) return out_OI;
  const float* a = a_NO.data_ptr<float>();
  const MatrixView b{b_NI.data_ptr<float>(), inputs};
  float* out = out_OI.data_ptr<float>();
  const auto factors = product_factors(a_NO);
  share_out(outputs, inputs * a_NO.size(0), [&](std::int64_t first, std::int64_t last) {
    if (first == last) return;
    multiply({last - first, inputs, a_NO.size(0)}, {a + first, outputs, true}, b, true,
             out + first * inputs, inputs, factors);
  });
  return out_OI;
}

torch::Tensor linear_forward(const torch::Tensor& x_NI, const torch::Tensor& weight_OI,
                             const torch::Tensor& bias_O) {
  // A clone: of one row, contiguous() would be the bias itself.
  auto y_NO = bias_O.expand({x_NI.size(0), bias_O.size(0)}).clone(at::MemoryFormat::Contiguous);
  add_product(x_NI, {weight_OI.data_ptr<float>(), weight_OI.size(1), true}, y_NO);
  return y_NO;
}

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x_NI,
                               const torch::Tensor& weight_OI, const torch::Tensor& bias_O) {
    context->save_for_backward({x_NI, weight_OI});
    return linear_forward(x_NI, weight_OI, bias_O);
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& x_NI = saved[0];
    const auto& weight_OI = saved[1];
    const auto gradient_NO = gradients[0].contiguous();
    auto x_gradient_NI = torch::zeros_like(x_NI);
    add_product(gradient_NO, {weight_OI.data_ptr<float>(), weight_OI.size(1)}, x_gradient_NI);
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
  // Generation takes many small steps, to which a graph's bookkeeping would matter.
  const auto y_NO = torch::GradMode::is_enabled()
                        ? LinearFunction::apply(x_NI, weight.contiguous(), bias.contiguous())
                        : linear_forward(x_NI, weight.contiguous(), bias.contiguous());
  return y_NO.view(sizes);
}

}  // namespace musicvae::models
