#pragma once

#include <algorithm>
#include <cstdint>

#include "models/lstm/packed_rows.hpp"

namespace musicvae::models {

/// The sequences of a layout that one thread takes through time at once. They have ranks first,
/// first
/// + stride, and so on, so that each chunk has its share of long and short ones.
struct SequenceChunk {
  const PackedRows* layout;
  std::int64_t first;
  std::int64_t stride;

  /// How many of the chunk's sequences have a step `step`. They are its first ones.
  std::int64_t active(std::int64_t step) const { return share(layout->active(step)); }
  std::int64_t size() const { return share(layout->sequences()); }
  std::int64_t sequence(std::int64_t i) const { return layout->sequence(first + i * stride); }
  std::int64_t row(std::int64_t step, std::int64_t i) const {
    return layout->row(step, first + i * stride);
  }

 private:
  std::int64_t share(std::int64_t total) const {
    return total <= first ? 0 : (total - first + stride - 1) / stride;
  }
};

/// Takes a chunk through its steps, upwards or downwards: enter(i) before the first step of
/// sequence i, step(t, active) for each step t, and leave(i) after the last step of sequence i.
template <class Enter, class Step, class Leave>
void walk(const SequenceChunk& chunk, bool downwards, const Enter& enter, const Step& step,
          const Leave& leave) {
  const auto steps = chunk.layout->steps();
  const auto at = [&](std::int64_t s) { return downwards ? steps - 1 - s : s; };
  std::int64_t before = 0;
  for (std::int64_t s = 0; s < steps; ++s) {
    const auto now = chunk.active(at(s));
    const auto next = s + 1 < steps ? chunk.active(at(s + 1)) : 0;
    for (auto i = before; i < now; ++i) enter(i);
    if (now > 0) step(at(s), now);
    for (auto i = next; i < now; ++i) leave(i);
    before = now;
  }
}

}  // namespace musicvae::models
