#pragma once

#include "datasets/codecs/common.hpp"

namespace musicvae::datasets {

/// One voice, one token a step: 0 holds what sounds (or the rest), 1 ends it, 2 + (pitch - 21)
/// begins a note. The 90 classes and the rules are those of Magenta's MusicVAE melodies (note-seq
/// melodies_lib): the highest of simultaneous notes stays, and a later onset ends the note before
/// it.
///
/// All pitched parts are merged. A note that sounds into the passage from
/// before is not in it; one that sounds past its end is held to the end.
class MelodyCodec : public Codec {
 public:
  static constexpr int kHold = 0;
  static constexpr int kNoteOff = 1;
  static constexpr int kFirstPitch = 2;

  explicit MelodyCodec(const Grid& grid) : grid_(grid) {}

  std::string_view name() const override { return "melody"; }
  RowShape row_shape() const override { return {RowShape::Kind::kToken, 90}; }
  Grid grid() const override { return grid_; }
  std::vector<BarRows> encode(const Passage& passage, Dropped* dropped) const override;
  /// The tokens of all steps of a passage, whose bars may have any length.
  std::vector<std::uint16_t> tokens(const Passage& passage, Dropped* dropped) const;
  Passage decode(std::span<const BarRows> bars) const override;
  std::unique_ptr<BarGrammar> grammar(Steps bar_length) const override;
  Steps longest_bar() const override { return longest_bar_of_steps(grid_); }
  int max_rows(Steps bar_length) const override { return bar_length.count; }
  std::pair<int, int> pitch_range() const override { return {21, 108}; }
  PitchTokens pitch_tokens() const override { return {kFirstPitch, 88}; }
  void transpose(std::span<BarRows> bars, int semitones) const override;

 private:
  Grid grid_;
};

}  // namespace musicvae::datasets
