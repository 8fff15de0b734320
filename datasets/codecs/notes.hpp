#pragma once

#include "datasets/codecs/codec.hpp"

namespace musicvae::datasets {

/// Tokens of the notes codec: end, then positions, pitches and durations, each a range of classes.
struct NotesVocabulary {
  int positions;  ///< Steps in the longest bar: 8 quarters, which hold 12/8, 3/2 and 4/2.
  int durations;  ///< Steps of the longest note: 16 quarters, four bars of 4/4.

  explicit NotesVocabulary(const Grid& grid)
      : positions(8 * grid.steps_per_quarter), durations(16 * grid.steps_per_quarter) {}

  static constexpr int kEnd = 0;
  static constexpr int kFirstPosition = 1;
  static constexpr int kLowestPitch = 21;
  static constexpr int kPitches = 88;

  int first_pitch() const { return kFirstPosition + positions; }
  int first_duration() const { return first_pitch() + kPitches; }
  int size() const { return first_duration() + durations; }

  int position_token(int position) const { return kFirstPosition + position; }
  int pitch_token(int pitch) const { return first_pitch() + pitch - kLowestPitch; }
  int duration_token(int duration) const { return first_duration() + duration - 1; }

  bool is_position(int token) const { return token >= kFirstPosition && token < first_pitch(); }
  bool is_pitch(int token) const { return token >= first_pitch() && token < first_duration(); }
  bool is_duration(int token) const { return token >= first_duration() && token < size(); }

  int position(int token) const { return token - kFirstPosition; }
  int pitch(int token) const { return token - first_pitch() + kLowestPitch; }
  int duration(int token) const { return token - first_duration() + 1; }
};

/// Polyphony as a ragged list of tokens a bar: for each onset its position, then pitch and duration
/// of every note that begins there, and an end token after the last.
///
/// Pitches of one onset ascend, as in PianoTree VAE (Wang et al., ISMIR 2020): the bass is drawn
/// first and the upper voices given it. A note may sound past its bar, so ties are durations. All
/// pitched parts are merged; where they meet on one pitch, the longest note stays.
class NotesCodec : public Codec {
 public:
  explicit NotesCodec(const Grid& grid) : grid_(grid), vocabulary_(grid) {}

  std::string_view name() const override { return "notes"; }
  RowShape row_shape() const override { return {RowShape::Kind::kToken, vocabulary_.size()}; }
  Grid grid() const override { return grid_; }
  std::vector<BarRows> encode(const Passage& passage, Dropped* dropped) const override;
  Passage decode(std::span<const BarRows> bars) const override;
  std::unique_ptr<BarGrammar> grammar(Steps bar_length) const override;
  Steps longest_bar() const override { return Steps(vocabulary_.positions); }
  /// Every pitch at every position, and the end.
  int max_rows(Steps bar_length) const override {
    return bar_length.count * (1 + 2 * NotesVocabulary::kPitches) + 1;
  }
  std::pair<int, int> pitch_range() const override { return {21, 108}; }
  PitchTokens pitch_tokens() const override {
    return {vocabulary_.first_pitch(), NotesVocabulary::kPitches};
  }
  int end_token() const override { return NotesVocabulary::kEnd; }
  void transpose(std::span<BarRows> bars, int semitones) const override;

  const NotesVocabulary& vocabulary() const { return vocabulary_; }

 private:
  Grid grid_;
  NotesVocabulary vocabulary_;
};

}  // namespace musicvae::datasets
