#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace musicvae::models {

/// What the next row of bits may hold. The first half of a row's bits says what begins, the second
/// what sounds on.
struct BitRule {
  std::vector<bool> may = {};       ///< Which bits may be set; all where it is empty.
  std::vector<float> leaning = {};  ///< Is added to the logits of all bits, if it is not empty.
  /// As many bits of the first half are set at least, as far as there are such that may be, ...
  std::int64_t fewest = 0;
  std::int64_t most = kNoLimit;           ///< ... and so many at most.
  std::int64_t most_sounding = kNoLimit;  ///< Bits of both halves at most.
  bool together = false;  ///< Either all bits of the first half that may be set are, or none.
  double eagerness = 0;   ///< Is added to the log-odds that one more bit of the first half is set,
  double satiety = 0;     ///< and this is taken from it for each that is in the same row.

  static constexpr std::int64_t kNoLimit = INT64_MAX;
};

/// Which rows may come next while sampling. A sequence is one bar of one song; models ask in order
/// within a bar.
class RowConstraint {
 public:
  virtual ~RowConstraint() = default;
  /// Sets `mask[c]` to whether token c may come next in this bar. Not called where rows are bits.
  virtual void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const = 0;
  /// What the next row of this bar may hold where rows are bits. Models whose bits do not depend on
  /// each other keep to its leaning and eagerness alone.
  virtual BitRule rule(std::int64_t /*song*/, std::int64_t /*bar*/) const { return {}; }
  /// Takes the row just sampled: its token, or -1 for bits.
  virtual void push(std::int64_t song, std::int64_t bar, int token) = 0;
  /// Takes the row just sampled where rows are bits: 0 or 1 each.
  virtual void push_bits(std::int64_t song, std::int64_t bar, std::span<const float> /*bits*/) {
    push(song, bar, -1);
  }
  virtual bool finished(std::int64_t song, std::int64_t bar) const = 0;
  /// No bar has more rows than this.
  virtual std::int64_t max_rows() const = 0;
};

}  // namespace musicvae::models
