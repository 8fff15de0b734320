#pragma once

#include "datasets/codecs/codec.hpp"
#include "datasets/codecs/common.hpp"

namespace musicvae::datasets {

/// Polyphony as PianoTree VAE has it (Wang et al., ISMIR 2020): for each step of the bar the notes
/// that begin there, each as its pitch and its duration of five bits, pitches ascending, and the
/// token that ends the step. A step has at most 16 notes, and a note lasts at most 32 steps.
///
/// A note may sound past its bar. All pitched parts are merged; where they meet on one pitch, the
/// longest note stays.
class NotesByStepCodec : public Codec {
 public:
  static constexpr int kEndOfStep = 0;
  static constexpr int kPitches = kHighestPianoPitch - kLowestPianoPitch + 1;
  static constexpr int kFirstPitch = 1;
  static constexpr int kFirstDuration = kFirstPitch + kPitches;
  static constexpr int kLongest = 32;  ///< Steps of the longest note.
  static constexpr int kTokens = kFirstDuration + kLongest;
  static constexpr int kMostNotes = 16;  ///< That begin at one step.

  explicit NotesByStepCodec(const Grid& grid) : grid_(grid) {}

  std::string_view name() const override { return "notes-by-step"; }
  RowShape row_shape() const override { return {RowShape::Kind::kToken, kTokens}; }
  Grid grid() const override { return grid_; }
  std::vector<BarRows> encode(const Passage& passage, Dropped* dropped) const override;
  Passage decode(std::span<const BarRows> bars) const override;
  std::unique_ptr<BarGrammar> grammar(Steps bar_length) const override;
  Steps longest_bar() const override { return longest_bar_of_steps(grid_); }
  int max_rows(Steps bar_length) const override { return bar_length.count * (1 + 2 * kMostNotes); }
  std::pair<int, int> pitch_range() const override {
    return {kLowestPianoPitch, kHighestPianoPitch};
  }
  PitchTokens pitch_tokens() const override { return {kFirstPitch, kPitches}; }
  void transpose(std::span<BarRows> bars, int semitones) const override;

 private:
  Grid grid_;
};

}  // namespace musicvae::datasets
