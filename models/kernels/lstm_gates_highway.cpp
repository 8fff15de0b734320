#include "models/kernels/lstm_gates.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/kernels/lstm_gates_highway.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // compiles this file once for each kind of CPU
#include <hwy/highway.h>

#include "models/kernels/bfloat16-inl.hpp"
#include "models/kernels/for_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// exp(rate x) as scale (1 + excess), where scale is a power of two.
template <class V>
struct Exponential {
  V scale;
  V excess;
};

/// The coefficient of x^power, given that of (rate x)^power.
constexpr float scaled(double factor, int rate, int power) {
  for (int i = 0; i < power; ++i) factor *= rate;
  return static_cast<float>(factor);
}

/// Cody and Waite's reduction to |rate r| <= ln(2) / 2 and a minimax polynomial: excess and scale
/// are right to 2e-7 of their values, on processors without fused multiplication as well. The rate
/// is a power of two or its negative. NaN stays NaN, so that a broken training run is noticed.
template <int kRate, class D, class V = hn::Vec<D>>
HWY_INLINE Exponential<V> exponential(D d, V x) {
  constexpr float kBound = 87.0F / (kRate < 0 ? -kRate : kRate);
  // If one operand is NaN, x86 takes the second.
  x = hn::Max(hn::Set(d, -kBound), hn::Min(hn::Set(d, kBound), x));
  // Numbers this large are whole; the last bits of the sum are n and an exponent's bias.
  const auto shift = hn::Set(d, 0x1.8p23F + 127);
  const auto shifted = hn::MulAdd(x, hn::Set(d, kRate * 1.44269504F), shift);
  const auto n = hn::Sub(shifted, shift);
  auto r = hn::NegMulAdd(n, hn::Set(d, 0.693359375F / kRate), x);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4F / kRate), r);
  auto p = hn::Set(d, scaled(0.0013888873, kRate, 6));
  p = hn::MulAdd(p, r, hn::Set(d, scaled(0.00836906858, kRate, 5)));
  p = hn::MulAdd(p, r, hn::Set(d, scaled(0.0416671362, kRate, 4)));
  p = hn::MulAdd(p, r, hn::Set(d, scaled(0.166665062, kRate, 3)));
  p = hn::MulAdd(p, r, hn::Set(d, scaled(0.499999981, kRate, 2)));
  p = hn::MulAdd(p, r, hn::Set(d, scaled(1.00000001, kRate, 1)));
  const hn::RebindToSigned<D> integers;
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(integers, shifted));
  return {hn::BitCast(d, exponent), hn::Mul(p, r)};
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid(D d, V x) {
  const auto e = exponential<-1>(d, x);
  const auto one = hn::Set(d, 1.0F);
  return hn::Div(one, hn::MulAdd(e.scale, hn::Add(e.excess, one), one));
}

/// Uses expm1(2 x), which stays accurate near 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh(D d, V x) {
  const auto e = exponential<2>(d, x);
  const auto one = hn::Set(d, 1.0F);
  const auto less_one = hn::MulAdd(e.scale, e.excess, hn::Sub(e.scale, one));
  return hn::Div(less_one, hn::Add(less_one, hn::Set(d, 2.0F)));
}

/// Fetches gates that are needed soon. Rows are too short for the processor to foresee that.
template <class Gate>
HWY_INLINE void fetch_gates(const Gate* gates, std::int64_t j, std::int64_t hidden) {
  for (std::int64_t gate = 0; gate < 4; ++gate) hwy::Prefetch(gates + j + gate * hidden);
}

constexpr float kQ15One = 32768;

template <class D, class V = hn::Vec<D>>
HWY_INLINE void store_gate(V value, D d, float* to) {
  hn::StoreU(value, d, to);
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE void store_gate(V value, D d, Q15* to) {
  // The last bit of a float of this size is worth as much as that of a Q15.
  const auto shift = hn::Set(d, 0x1.8p23F / kQ15One);
  const hn::RebindToSigned<D> integers;
  const hn::Rebind<Q15, D> half;
  const auto rounded =
      hn::Sub(hn::BitCast(integers, hn::Add(value, shift)), hn::BitCast(integers, shift));
  hn::StoreU(hn::DemoteTo(half, rounded), half, to);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V load_gate(D d, const float* from) {
  return hn::LoadU(d, from);
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V load_gate(D d, const Q15* from) {
  const hn::RebindToSigned<D> integers;
  const hn::Rebind<Q15, D> half;
  return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(half, from))),
                 hn::Set(d, 1 / kQ15One));
}

template <class Gate>
HWY_INLINE void forward(const GatesForward<Gate>& row, std::int64_t hidden) {
  for_vectors(hidden, [&](auto d, std::int64_t j) HWY_ATTR {
    if (row.next != nullptr) {
      fetch_gates(row.next->gates, j, hidden);
      fetch_gates(row.next->base, j, hidden);
      if (row.next->input != nullptr) fetch_gates(row.next->input, j, hidden);
      hwy::Prefetch(row.next->c_history + j);
      hwy::Prefetch(row.next->output + j);
    }
    const auto sum = [&](std::int64_t k) HWY_ATTR {
      auto total = hn::Add(hn::LoadU(d, row.recurrent + k), hn::LoadU(d, row.base + k));
      if (row.input != nullptr) total = hn::Add(total, hn::LoadU(d, row.input + k));
      if (row.token != nullptr) total = hn::Add(total, hn::LoadU(d, row.token + k));
      return total;
    };
    const auto i = sigmoid(d, sum(j));
    const auto f = sigmoid(d, sum(j + hidden));
    const auto g = tanh(d, sum(j + 2 * hidden));
    const auto o = sigmoid(d, sum(j + 3 * hidden));
    const auto c = hn::MulAdd(f, hn::LoadU(d, row.c + j), hn::Mul(i, g));
    const auto h = hn::Mul(o, tanh(d, c));
    store_gate(i, d, row.gates + j);
    store_gate(f, d, row.gates + j + hidden);
    store_gate(g, d, row.gates + j + 2 * hidden);
    store_gate(o, d, row.gates + j + 3 * hidden);
    hn::StoreU(c, d, row.c + j);
    hn::StoreU(c, d, row.c_history + j);
    hn::StoreU(h, d, row.h + j);
    hn::StoreU(h, d, row.output + j);
  });
}

void forward_float(const GatesForward<float>& row, std::int64_t hidden) { forward(row, hidden); }
void forward_q15(const GatesForward<Q15>& row, std::int64_t hidden) { forward(row, hidden); }

/// x (1 - x), the derivative of a sigmoid with value x.
template <class V>
HWY_INLINE V sigmoid_slope(V x) {
  return hn::NegMulAdd(x, x, x);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void store(V values, D d, float* to) {
  hn::StoreU(values, d, to);
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE void store(V values, D d, BFloat16* to) {
  store_rounded(values, d, to);
}

/// Stores one gate's gradient and adds it to the sums.
template <class Gradient, class D, class V = hn::Vec<D>>
HWY_INLINE void store_gradient(D d, V gradient, const GatesBackward<Gradient>& row,
                               std::int64_t k) {
  store(gradient, d, row.dsums + k);
  hn::StoreU(hn::Add(gradient, hn::LoadU(d, row.dbase + k)), d, row.dbase + k);
  if (row.dtoken != nullptr) {
    hn::StoreU(hn::Add(gradient, hn::LoadU(d, row.dtoken + k)), d, row.dtoken + k);
  }
}

template <class Gradient>
HWY_INLINE void backward(const GatesBackward<Gradient>& row, std::int64_t hidden) {
  for_vectors(hidden, [&](auto d, std::int64_t j) HWY_ATTR {
    if (row.next != nullptr) {
      fetch_gates(row.next->gates, j, hidden);
      hwy::Prefetch(row.next->c_previous + j);
      hwy::Prefetch(row.next->doutput + j);
    }
    const auto one = hn::Set(d, 1.0F);
    const auto i = load_gate(d, row.gates + j);
    const auto f = load_gate(d, row.gates + j + hidden);
    const auto g = load_gate(d, row.gates + j + 2 * hidden);
    const auto o = load_gate(d, row.gates + j + 3 * hidden);
    const auto tanh_c = tanh(d, hn::LoadU(d, row.c + j));
    if (row.h != nullptr) store(hn::Mul(o, tanh_c), d, row.h + j);
    const auto dh = hn::Add(hn::LoadU(d, row.dh + j), hn::LoadU(d, row.doutput + j));
    const auto dc =
        hn::MulAdd(hn::Mul(dh, o), hn::NegMulAdd(tanh_c, tanh_c, one), hn::LoadU(d, row.dc + j));
    const auto df = hn::Mul(dc, hn::LoadU(d, row.c_previous + j));
    hn::StoreU(hn::Mul(dc, f), d, row.dc + j);
    store_gradient(d, hn::Mul(hn::Mul(dc, g), sigmoid_slope(i)), row, j);
    store_gradient(d, hn::Mul(df, sigmoid_slope(f)), row, j + hidden);
    store_gradient(d, hn::Mul(hn::Mul(dc, i), hn::NegMulAdd(g, g, one)), row, j + 2 * hidden);
    store_gradient(d, hn::Mul(hn::Mul(dh, tanh_c), sigmoid_slope(o)), row, j + 3 * hidden);
  });
}

void backward_float(const GatesBackward<float>& row, std::int64_t hidden) { backward(row, hidden); }
void backward_bfloat16(const GatesBackward<BFloat16>& row, std::int64_t hidden) {
  backward(row, hidden);
}

void add_into(float* to, const float* from, std::int64_t count) {
  for_vectors(count, [&](auto d, std::int64_t j) HWY_ATTR {
    hn::StoreU(hn::Add(hn::LoadU(d, to + j), hn::LoadU(d, from + j)), d, to + j);
  });
}

}  // namespace
}  // namespace musicvae::models::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace musicvae::models {

HWY_EXPORT(forward_float);
HWY_EXPORT(forward_q15);
HWY_EXPORT(backward_float);
HWY_EXPORT(backward_bfloat16);
HWY_EXPORT(add_into);

void gates_forward(const GatesForward<float>& row, std::int64_t hidden) {
  HWY_DYNAMIC_DISPATCH(forward_float)(row, hidden);
}
void gates_forward(const GatesForward<Q15>& row, std::int64_t hidden) {
  HWY_DYNAMIC_DISPATCH(forward_q15)(row, hidden);
}

void gates_backward(const GatesBackward<float>& row, std::int64_t hidden) {
  HWY_DYNAMIC_DISPATCH(backward_float)(row, hidden);
}
void gates_backward(const GatesBackward<BFloat16>& row, std::int64_t hidden) {
  HWY_DYNAMIC_DISPATCH(backward_bfloat16)(row, hidden);
}

void add_into(float* to, const float* from, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(add_into)(to, from, count);
}

}  // namespace musicvae::models
#endif
