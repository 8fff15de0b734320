#pragma once

#include "datasets/codecs/common.hpp"

namespace musicvae::datasets {

/// Polyphony as one row of bits a step: for each pitch of its range whether a note begins (the
/// first half of the row) and whether one sounds on from the step before (the second half).
///
/// The range is 31-94 (G1 to B flat 6), 64 pitches: it holds all but one note in two thousand of
/// each of lute, guitar, solo strings, folk tunes and piano arrangements. All pitched parts are
/// merged; a pitch struck again ends its note before. A note that sounds
/// into the passage from before is not in it; one that sounds past its end is held to the end.
class PianorollCodec : public Codec {
 public:
  static constexpr int kLowestPitch = 31;
  static constexpr int kPitches = 64;

  explicit PianorollCodec(const Grid& grid) : grid_(grid) {}

  std::string_view name() const override { return "pianoroll"; }
  RowShape row_shape() const override { return {RowShape::Kind::kBits, 2 * kPitches}; }
  Grid grid() const override { return grid_; }
  std::vector<BarRows> encode(const Passage& passage, Dropped* dropped) const override;
  Passage decode(std::span<const BarRows> bars) const override;
  std::unique_ptr<BarGrammar> grammar(Steps bar_length) const override;
  Steps longest_bar() const override { return longest_bar_of_steps(grid_); }
  int max_rows(Steps bar_length) const override { return bar_length.count; }
  std::pair<int, int> pitch_range() const override {
    return {kLowestPitch, kLowestPitch + kPitches - 1};
  }
  PitchTokens pitch_tokens() const override { return {}; }
  void transpose(std::span<BarRows> bars, int semitones) const override;

 private:
  Grid grid_;
};

}  // namespace musicvae::datasets
