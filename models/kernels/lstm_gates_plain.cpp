#include <algorithm>
#include <cmath>

#include "models/kernels/lstm_gates.hpp"

namespace musicvae::models {
namespace {

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

void store(float value, float* to) { *to = value; }
void store(float value, BFloat16* to) { *to = to_bfloat16(value); }

constexpr float kQ15One = 32768;

void store_gate(float value, float* to) { *to = value; }
void store_gate(float value, Q15* to) {
  *to = static_cast<Q15>(std::lrint(std::clamp(value * kQ15One, -kQ15One, kQ15One - 1)));
}

float load_gate(const float* from) { return *from; }
float load_gate(const Q15* from) { return *from / kQ15One; }

template <class Gradient>
void store_gradient(float gradient, const GatesBackward<Gradient>& row, std::int64_t k) {
  store(gradient, row.dsums + k);
  row.dbase[k] += gradient;
  if (row.dtoken != nullptr) row.dtoken[k] += gradient;
}

template <class Gradient>
void backward(const GatesBackward<Gradient>& row, std::int64_t hidden) {
  for (std::int64_t j = 0; j < hidden; ++j) {
    const float i = load_gate(row.gates + j);
    const float f = load_gate(row.gates + j + hidden);
    const float g = load_gate(row.gates + j + 2 * hidden);
    const float o = load_gate(row.gates + j + 3 * hidden);
    const float tanh_c = std::tanh(row.c[j]);
    if (row.h != nullptr) store(o * tanh_c, row.h + j);
    const float dh = row.dh[j] + row.doutput[j];
    const float dc = row.dc[j] + dh * o * (1.0F - tanh_c * tanh_c);
    row.dc[j] = dc * f;
    store_gradient(dc * g * i * (1.0F - i), row, j);
    store_gradient(dc * row.c_previous[j] * f * (1.0F - f), row, j + hidden);
    store_gradient(dc * i * (1.0F - g * g), row, j + 2 * hidden);
    store_gradient(dh * tanh_c * o * (1.0F - o), row, j + 3 * hidden);
  }
}

template <class Gate>
void forward(const GatesForward<Gate>& row, std::int64_t hidden) {
  const auto sum = [&](std::int64_t k) {
    const float first = row.recurrent[k] + row.base[k];
    return first + (row.input ? row.input[k] : 0) + (row.token ? row.token[k] : 0);
  };
  for (std::int64_t j = 0; j < hidden; ++j) {
    const float i = sigmoid(sum(j));
    const float f = sigmoid(sum(j + hidden));
    const float g = std::tanh(sum(j + 2 * hidden));
    const float o = sigmoid(sum(j + 3 * hidden));
    const float c = f * row.c[j] + i * g;
    store_gate(i, row.gates + j);
    store_gate(f, row.gates + j + hidden);
    store_gate(g, row.gates + j + 2 * hidden);
    store_gate(o, row.gates + j + 3 * hidden);
    row.c[j] = row.c_history[j] = c;
    row.h[j] = row.output[j] = o * std::tanh(c);
  }
}

}  // namespace

void gates_forward(const GatesForward<float>& row, std::int64_t hidden) { forward(row, hidden); }
void gates_forward(const GatesForward<Q15>& row, std::int64_t hidden) { forward(row, hidden); }

void gates_backward(const GatesBackward<float>& row, std::int64_t hidden) { backward(row, hidden); }
void gates_backward(const GatesBackward<BFloat16>& row, std::int64_t hidden) {
  backward(row, hidden);
}

void add_into(float* to, const float* from, std::int64_t count) {
  for (std::int64_t j = 0; j < count; ++j) to[j] += from[j];
}

}  // namespace musicvae::models
