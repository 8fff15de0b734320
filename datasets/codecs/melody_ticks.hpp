#pragma once

#include "datasets/codecs/melody.hpp"

namespace musicvae::datasets {

/// One voice, one token a tick, with MelodyCodec's classes and rules. A quarter has six ticks, at
/// 0, 1/4, 1/3, 1/2, 2/3 and 3/4: the 24 rows a bar of 4/4 of Music InpaintNet (Pati et al., ISMIR
/// 2019) and Music SketchNet (Chen et al., ISMIR 2020).
///
/// Ticks are counted from each bar's start; a bar has those that begin before its end. Onsets and
/// ends between ticks move to the nearest, halfway ones up, which is counted; no note becomes
/// shorter than a tick.
class MelodyTicksCodec : public Codec {
 public:
  static constexpr int kStepsPerQuarter = 12;  ///< On which the ticks are steps 0, 3, 4, 6, 8, 9.

  /// Throws DatasetError on a grid of other than kStepsPerQuarter.
  explicit MelodyTicksCodec(const Grid& grid);

  std::string_view name() const override { return "melody-ticks"; }
  RowShape row_shape() const override { return melody_.row_shape(); }
  Grid grid() const override { return melody_.grid(); }
  std::vector<BarRows> encode(const Passage& passage, Dropped* dropped) const override;
  Passage decode(std::span<const BarRows> bars) const override;
  std::unique_ptr<BarGrammar> grammar(Steps bar_length) const override;
  Steps longest_bar() const override { return melody_.longest_bar(); }
  int max_rows(Steps bar_length) const override;
  std::pair<int, int> pitch_range() const override { return melody_.pitch_range(); }
  PitchTokens pitch_tokens() const override { return melody_.pitch_tokens(); }
  void transpose(std::span<BarRows> bars, int semitones) const override {
    melody_.transpose(bars, semitones);
  }

 private:
  MelodyCodec melody_;
};

}  // namespace musicvae::datasets
