#pragma once

#include <cstdint>
#include <type_traits>

#include "models/kernels/bfloat16.hpp"

/// The elementwise arithmetic of one LSTM step of one sequence. A sequence's gates i, f, g and o
/// lie side by side, H values each.
namespace musicvae::models {

/// A number from -1 to 1 in units of 1/32768, the fixed-point format of that name; 1 itself becomes
/// 32767/32768. Near 1, where gates stay open over many steps, it is 16 times as fine as half
/// precision.
using Q15 = std::int16_t;

/// The type in which gates are kept until the backward pass, given that of their gradients: both
/// have the same size, so that the gradients can take the gates' place.
template <class Gradient>
using KeptGate = std::conditional_t<std::is_same_v<Gradient, BFloat16>, Q15, float>;

/// `Gate` is float or Q15.
template <class Gate>
struct GatesForward {
  const float* recurrent;    ///< [4H]. The sum of this and the next three enters the gates.
  const float* base;         ///< [4H].
  const float* input;        ///< [4H]; may be null.
  const float* token;        ///< [4H]; may be null.
  Gate* gates;               ///< [4H] out: after their nonlinearities; may be `recurrent`.
  float* c;                  ///< [H] in and out.
  float* c_history;          ///< [H] out; may be `c`.
  float* h;                  ///< [H] out.
  float* output;             ///< [H] out: h again; may be `h`.
  const GatesForward* next;  ///< The row to come, whose memory is fetched meanwhile; may be null.
};

void gates_forward(const GatesForward<float>& row, std::int64_t hidden);
void gates_forward(const GatesForward<Q15>& row, std::int64_t hidden);

/// `Gradient` is float or BFloat16.
template <class Gradient>
struct GatesBackward {
  const KeptGate<Gradient>* gates;  ///< [4H], as gates_forward() left them.
  const float* c;                   ///< [H].
  const float* c_previous;          ///< [H].
  const float* dh;                  ///< [H]. The sum of this and the next is d/dh.
  const float* doutput;             ///< [H].
  float* dc;                        ///< [H] in: d/dc from later steps; out: d/d c_previous.
  Gradient* dsums;                  ///< [4H] out: d/d the gates' sums; may be where `gates` are.
  float* dbase;                     ///< [4H]. `dsums` is added to it.
  float* dtoken;                    ///< [4H]. `dsums` is added to it; may be null.
  Gradient* h;                      ///< [H] out: the h of gates_forward(); may be null.
  const GatesBackward* next;  ///< The row to come, whose memory is fetched meanwhile; may be null.
};

void gates_backward(const GatesBackward<float>& row, std::int64_t hidden);
void gates_backward(const GatesBackward<BFloat16>& row, std::int64_t hidden);

/// to += from.
void add_into(float* to, const float* from, std::int64_t count);

}  // namespace musicvae::models
