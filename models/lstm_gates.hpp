#pragma once

#include <cstdint>

#include "models/bfloat16.hpp"

/// The elementwise arithmetic of one LSTM step of one sequence. Gates lie side by side as i, f, g,
/// o, H floats each.
namespace musicvae::models {

struct GatesForward {
  const float* recurrent;    ///< [4H]. These four are summed.
  const float* input;        ///< [4H].
  const float* token;        ///< [4H].
  const float* base;         ///< [4H].
  float* gates;              ///< [4H] out: after their nonlinearities; may be `recurrent`.
  float* c;                  ///< [H] in and out.
  float* c_history;          ///< [H] out; may be `c`.
  float* h;                  ///< [H] out.
  float* output;             ///< [H] out, the same.
  const GatesForward* next;  ///< Whose memory is fetched meanwhile; may be null.
};

/// The first `units` of `hidden`; all of them unless told.
void gates_forward(const GatesForward& row, std::int64_t hidden, std::int64_t units);
inline void gates_forward(const GatesForward& row, std::int64_t hidden) {
  gates_forward(row, hidden, hidden);
}

/// `Sum` is float or BFloat16.
template <class Sum>
struct GatesBackward {
  const float* gates;         ///< [4H]: as gates_forward() left them.
  const float* c;             ///< [H].
  const float* c_previous;    ///< [H].
  const float* dh;            ///< [H]. These two are summed.
  const float* doutput;       ///< [H].
  float* dc;                  ///< [H] in: d/dc from later steps; out: d/d c_previous.
  Sum* dsums;                 ///< [4H] out: d/d the gates' sums.
  float* dbase;               ///< [4H]: the same is added.
  float* dtoken;              ///< [4H]: the same is added; may be null.
  Sum* h;                     ///< [H] out: o tanh(c), as gates_forward() had it; may be null.
  const GatesBackward* next;  ///< Whose memory is fetched meanwhile; may be null.
};

void gates_backward(const GatesBackward<float>& row, std::int64_t hidden);
void gates_backward(const GatesBackward<BFloat16>& row, std::int64_t hidden);

/// to += from.
void add_into(float* to, const float* from, std::int64_t count);

}  // namespace musicvae::models
