#include "models/kernels/gemm.hpp"

#include <algorithm>

#include "models/kernels/gemm_bfloat16.hpp"
#include "models/kernels/threads.hpp"

namespace musicvae::models {
namespace {

/// Multiply-adds below which waking another thread costs more than it saves.
constexpr std::int64_t kLeastWork = 1 << 20;
constexpr std::int64_t kGranularity = 16;

/// Calls body(first, last) for one share of [0, count) per thread; `work` counts all multiply-adds.
template <class Body>
void share_out(std::int64_t count, std::int64_t work, const Body& body) {
  const auto worthwhile = std::min(count / kGranularity, work / kLeastWork);
  const auto shares = std::clamp<std::int64_t>(worthwhile, 1, thread_count());
  const auto boundary = [&](std::int64_t share) {
    return share == shares ? count : count * share / shares / kGranularity * kGranularity;
  };
  run_tasks(static_cast<int>(shares), [&](int share) {
    const auto first = boundary(share), last = boundary(share + 1);
    if (first < last) body(first, last);
  });
}

}  // namespace

Factors worthwhile(Factors factors, const ProductSize& size) {
  return factors == Factors::kBFloat16 && bfloat16_pays(size) ? factors : Factors::kFloat;
}

void multiply(const ProductSize& size, const MatrixView& a, const MatrixView& b, bool accumulate,
              float* out, std::int64_t out_stride, Factors factors) {
  if (worthwhile(factors, size) == Factors::kBFloat16) {
    multiply_bfloat16(size, a, b, accumulate, out, out_stride);
    return;
  }
  const auto work = size.rows * size.columns * size.inner;
  // Threads share out the longer side. If rows are few, no thread has to read all of b.
  if (size.rows < size.columns) {
    share_out(size.columns, work, [&](std::int64_t first, std::int64_t last) {
      multiply_floats({size.rows, last - first, size.inner}, a, b.from(0, first), accumulate,
                      out + first, out_stride);
    });
    return;
  }
  share_out(size.rows, work, [&](std::int64_t first, std::int64_t last) {
    multiply_floats({last - first, size.columns, size.inner}, a.from(first, 0), b, accumulate,
                    out + first * out_stride, out_stride);
  });
}

void multiply(const ProductSize& size, const FactorView& a, const FactorView& b, bool accumulate,
              float* out, std::int64_t out_stride, Factors factors) {
  const auto* const floats_a = std::get_if<MatrixView>(&a);
  const auto* const floats_b = std::get_if<MatrixView>(&b);
  if (floats_a && floats_b) {
    multiply(size, *floats_a, *floats_b, accumulate, out, out_stride, factors);
  } else {
    multiply_bfloat16(size, a, b, accumulate, out, out_stride);
  }
}

void multiply_each(const std::vector<LeftFactor>& left, std::int64_t columns, std::int64_t inner,
                   const FactorView& b, std::int64_t out_stride, Factors factors) {
  if (std::holds_alternative<MatrixOf<BFloat16>>(b)) {
    multiply_each_bfloat16(left, columns, inner, b, out_stride);
    return;
  }
  for (const auto& [a, rows, out] : left) {
    multiply({rows, columns, inner}, a, b, false, out, out_stride, factors);
  }
}

}  // namespace musicvae::models
