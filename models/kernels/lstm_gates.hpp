#pragma once

#include <cstdint>
#include <type_traits>

#include "models/kernels/bfloat16.hpp"

/// The elementwise arithmetic of one LSTM step of one sequence. Gates lie side by side as i, f, g,
/// o, H floats each.
namespace musicvae::models {

/// 32768ths of 1, the fixed-point format of that name; 1 itself becomes the largest below. Near 1,
/// where gates stay open over many steps, it is 16 times as fine as half precision.
using Q15 = std::int16_t;

/// How gates are kept until the backward pass, where their gradients are `Gradient`s: as large, so
/// that these may take their place.
template <class Gradient>
using KeptGate = std::conditional_t<std::is_same_v<Gradient, BFloat16>, Q15, float>;

/// `Gate` is float or Q15.
template <class Gate>
struct GatesForward {
  const float* recurrent;    ///< [4H]. These four are summed.
  const float* base;         ///< [4H].
  const float* input;        ///< [4H]; may be null.
  const float* token;        ///< [4H]; may be null.
  Gate* gates;               ///< [4H] out: after their nonlinearities; may be `recurrent`.
  float* c;                  ///< [H] in and out.
  float* c_history;          ///< [H] out; may be `c`.
  float* h;                  ///< [H] out.
  float* output;             ///< [H] out, the same.
  const GatesForward* next;  ///< Whose memory is fetched meanwhile; may be null.
};

/// The first `units` of `hidden`; all of them unless told.
void gates_forward(const GatesForward<float>& row, std::int64_t hidden, std::int64_t units);
inline void gates_forward(const GatesForward<float>& row, std::int64_t hidden) {
  gates_forward(row, hidden, hidden);
}
void gates_forward(const GatesForward<Q15>& row, std::int64_t hidden);

/// `Gradient` is float or BFloat16.
template <class Gradient>
struct GatesBackward {
  const KeptGate<Gradient>* gates;  ///< [4H]: as gates_forward() left them.
  const float* c;                   ///< [H].
  const float* c_previous;          ///< [H].
  const float* dh;                  ///< [H]. These two are summed.
  const float* doutput;             ///< [H].
  float* dc;                        ///< [H] in: d/dc from later steps; out: d/d c_previous.
  Gradient* dsums;                  ///< [4H] out: d/d the gates' sums; may be where `gates` are.
  float* dbase;                     ///< [4H]: the same is added.
  float* dtoken;                    ///< [4H]: the same is added; may be null.
  Gradient* h;                      ///< [H] out: o tanh(c), as gates_forward() had it; may be null.
  const GatesBackward* next;        ///< Whose memory is fetched meanwhile; may be null.
};

void gates_backward(const GatesBackward<float>& row, std::int64_t hidden);
void gates_backward(const GatesBackward<BFloat16>& row, std::int64_t hidden);

/// to += from.
void add_into(float* to, const float* from, std::int64_t count);

}  // namespace musicvae::models
