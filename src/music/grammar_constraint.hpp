#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "datasets/codecs/codec.hpp"
#include "models/model.hpp"

namespace musicvae {

/// Walks each bar's grammar while the network samples, so that what it draws can be decoded.
class GrammarConstraint : public models::RowConstraint {
 public:
  /// Constrains the bars of `layouts`, whose rows are ignored. A passage of the network has `bars`
  /// bars.
  GrammarConstraint(const datasets::Codec& codec,
                    std::span<const std::vector<datasets::BarRows>> layouts, int bars);

  void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const override;
  void push(std::int64_t song, std::int64_t bar, int token) override;
  bool finished(std::int64_t song, std::int64_t bar) const override;
  std::int64_t max_rows() const override { return max_rows_; }

 private:
  datasets::BarGrammar& at(std::int64_t song, std::int64_t bar) const {
    return *grammars_[static_cast<std::size_t>(song * bars_ + bar)];
  }

  std::int64_t bars_;
  std::int64_t max_rows_ = 0;
  std::vector<std::unique_ptr<datasets::BarGrammar>> grammars_;
};

/// Also keeps to the rhythm of given rows. A pitch may become any pitch; every other token stays.
class RhythmConstraint final : public GrammarConstraint {
 public:
  /// `rows` give the layout and the rhythm to keep to. They must outlive this.
  RhythmConstraint(const datasets::Codec& codec,
                   std::span<const std::vector<datasets::BarRows>> rows, int bars);

  void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const override;
  void push(std::int64_t song, std::int64_t bar, int token) override;

 private:
  datasets::PitchTokens pitches_;
  std::span<const std::vector<datasets::BarRows>> rows_;
  std::int64_t bars_;
  std::vector<int> drawn_;  // Rows of each bar so far.
};

/// Also keeps to the pitches of given rows, bar by bar in their order, as far as they fit.
class PitchConstraint final : public GrammarConstraint {
 public:
  PitchConstraint(const datasets::Codec& codec,
                  std::span<const std::vector<datasets::BarRows>> rows, int bars);

  void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const override;
  void push(std::int64_t song, std::int64_t bar, int token) override;

 private:
  struct BarState {
    std::vector<std::uint16_t> left;  // Pitch tokens to come, the next one last.
    int rows_left = 0;
  };

  BarState& at(std::int64_t song, std::int64_t bar) {
    return states_[static_cast<std::size_t>(song * bars_ + bar)];
  }
  const BarState& at(std::int64_t song, std::int64_t bar) const {
    return states_[static_cast<std::size_t>(song * bars_ + bar)];
  }

  datasets::PitchTokens pitches_;
  int end_token_;
  std::int64_t bars_;
  std::vector<BarState> states_;
};

}  // namespace musicvae
