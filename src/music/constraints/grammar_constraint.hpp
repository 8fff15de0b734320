#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "datasets/codecs/codec.hpp"
#include "models/row_constraint.hpp"
#include "src/music/constraints/constraints.hpp"

namespace musicvae {

/// Walks each bar's grammar while the network samples, so that what it draws can be decoded, and
/// keeps to what is asked of the music.
class GrammarConstraint : public models::RowConstraint {
 public:
  /// Constrains the bars of `layouts`, whose rows are ignored. A passage of the network has `bars`
  /// bars. `constraints` are those of each song, or nothing is asked of any.
  GrammarConstraint(const datasets::Codec& codec,
                    std::span<const std::vector<datasets::BarRows>> layouts, int bars,
                    std::vector<Constraints> constraints = {});

  void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const override;
  models::BitRule rule(std::int64_t song, std::int64_t bar) const override;
  void push(std::int64_t song, std::int64_t bar, int token) override;
  void push_bits(std::int64_t song, std::int64_t bar, std::span<const float> bits) override;
  bool finished(std::int64_t song, std::int64_t bar) const override;
  std::int64_t max_rows() const override { return max_rows_; }

 protected:
  std::size_t place(std::int64_t song, std::int64_t bar) const {
    return static_cast<std::size_t>(song * bars_ + bar);
  }
  /// Rows of this bar so far.
  int rows(std::int64_t song, std::int64_t bar) const { return drawn_[place(song, bar)].rows; }
  datasets::PitchTokens pitch_tokens() const { return codec_.pitch_tokens(); }
  int row_width() const { return codec_.row_shape().width; }

 private:
  const std::vector<double>* notes_due(std::int64_t song, std::int64_t bar) const;

  /// What was drawn of a bar.
  struct Drawn {
    int rows = 0;
    int notes = 0;  // Counted where rows are bits.
    int rows_wanted = 0;
  };

  const datasets::Codec& codec_;
  std::int64_t bars_;
  std::vector<Constraints> constraints_;  // One for each song.
  std::int64_t max_rows_ = 0;
  std::vector<std::unique_ptr<datasets::BarGrammar>> grammars_;
  std::vector<Drawn> drawn_;
};

/// Also keeps to the rhythm of given rows. A token that is a pitch may become any pitch, and every
/// other token stays; where rows are bits, as many notes begin in each row.
class RhythmConstraint final : public GrammarConstraint {
 public:
  /// `rows` give the layout and the rhythm to keep to. They must outlive this.
  RhythmConstraint(const datasets::Codec& codec,
                   std::span<const std::vector<datasets::BarRows>> rows, int bars,
                   std::vector<Constraints> constraints);

  void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const override;
  models::BitRule rule(std::int64_t song, std::int64_t bar) const override;

 private:
  const datasets::BarRows& kept(std::int64_t song, std::int64_t bar) const {
    return rows_[static_cast<std::size_t>(song)][static_cast<std::size_t>(bar)];
  }

  std::span<const std::vector<datasets::BarRows>> rows_;
};

/// Also keeps to the pitches of given rows, bar by bar in their order, as far as they fit. Where
/// rows are bits, what began together does so again.
class PitchConstraint final : public GrammarConstraint {
 public:
  PitchConstraint(const datasets::Codec& codec,
                  std::span<const std::vector<datasets::BarRows>> rows, int bars);

  void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const override;
  models::BitRule rule(std::int64_t song, std::int64_t bar) const override;
  void push(std::int64_t song, std::int64_t bar, int token) override;
  void push_bits(std::int64_t song, std::int64_t bar, std::span<const float> bits) override;

 private:
  /// What begins at once: a token, or bits of the first half of a row.
  using Struck = std::vector<int>;
  struct BarState {
    std::vector<Struck> left;  // To come, the next one last.
    int most_rows = 0;
  };

  /// Whether all that are left fit only if each row from now on has one.
  bool must_begin(std::int64_t song, std::int64_t bar) const;

  int end_token_;
  std::vector<BarState> states_;
};

}  // namespace musicvae
