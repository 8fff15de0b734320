#include "datasets/codecs/notes.hpp"

#include <algorithm>

#include "datasets/codecs/common.hpp"

namespace musicvae::datasets {
namespace {

/// What may follow in a bar: a later position, a higher pitch, a duration or the end. It never
/// comes to a dead end: after a position any pitch may follow, after a pitch any duration, and
/// after a duration the end.
class NotesGrammar : public BarGrammar {
 public:
  NotesGrammar(const NotesVocabulary& vocabulary, Steps bar_length)
      : vocabulary_(vocabulary),
        bar_positions_(std::clamp(bar_length.count, 0, vocabulary.positions)) {}

  void allowed(std::span<bool> mask) const override {
    for (int token = 0; token < static_cast<int>(mask.size()); ++token) {
      mask[std::size_t(token)] = allows(token);
    }
  }

  void push(int token) override {
    if (!allows(token)) return;
    if (vocabulary_.is_position(token)) {
      state_ = State::kAfterPosition;
      next_position_ = vocabulary_.position(token) + 1;
      next_pitch_ = NotesVocabulary::kLowestPitch;
    } else if (vocabulary_.is_pitch(token)) {
      state_ = State::kAfterPitch;
      next_pitch_ = vocabulary_.pitch(token) + 1;
    } else {
      state_ = token == NotesVocabulary::kEnd ? State::kFinished : State::kAfterDuration;
    }
  }

  bool finished() const override { return state_ == State::kFinished; }

  bool allows(int token) const {
    const bool between_notes = state_ == State::kStart || state_ == State::kAfterDuration;
    if (token == NotesVocabulary::kEnd) return between_notes;
    if (vocabulary_.is_duration(token)) return state_ == State::kAfterPitch;
    if (vocabulary_.is_position(token)) {
      const int position = vocabulary_.position(token);
      return between_notes && position >= next_position_ && position < bar_positions_;
    }
    const bool at_position = state_ == State::kAfterPosition || state_ == State::kAfterDuration;
    return at_position && vocabulary_.is_pitch(token) && vocabulary_.pitch(token) >= next_pitch_;
  }

 private:
  enum class State { kStart, kAfterPosition, kAfterPitch, kAfterDuration, kFinished };

  NotesVocabulary vocabulary_;
  int bar_positions_;
  State state_ = State::kStart;
  int next_position_ = 0;
  int next_pitch_ = NotesVocabulary::kLowestPitch;
};

std::vector<std::uint16_t> bar_tokens(const std::vector<GridNote>& notes,
                                      const NotesVocabulary& vocabulary, DropCounter& dropped) {
  std::vector<std::uint16_t> tokens;
  tokens.reserve(3 * notes.size() + 1);
  const auto add = [&](int token) { tokens.push_back(static_cast<std::uint16_t>(token)); };
  Steps position(-1);
  for (const GridNote& note : notes) {
    if (note.onset != position) add(vocabulary.position_token(note.onset.count));
    position = note.onset;
    if (note.duration.count > vocabulary.durations) dropped.add(kTooLongReason);
    add(vocabulary.pitch_token(note.pitch));
    add(vocabulary.duration_token(std::clamp(note.duration.count, 1, vocabulary.durations)));
  }
  add(NotesVocabulary::kEnd);
  return tokens;
}

/// The notes of a bar's tokens; those the grammar does not allow are passed over.
std::vector<GridNote> read_tokens(const BarRows& rows, const NotesVocabulary& vocabulary) {
  std::vector<GridNote> notes;
  NotesGrammar grammar(vocabulary, rows.length);
  GridNote note;
  for (const int token : rows.values) {
    if (!grammar.allows(token)) continue;
    grammar.push(token);
    if (vocabulary.is_position(token)) {
      note.onset = Steps(vocabulary.position(token));
    } else if (vocabulary.is_pitch(token)) {
      note.pitch = static_cast<std::uint8_t>(vocabulary.pitch(token));
    } else if (vocabulary.is_duration(token)) {
      note.duration = Steps(vocabulary.duration(token));
      notes.push_back(note);
    }
  }
  return notes;
}

}  // namespace

std::vector<BarRows> NotesCodec::encode(const Passage& passage, Dropped* dropped) const {
  check_bars(*this, passage);
  DropCounter counter(dropped);
  std::vector<BarRows> bars;
  bars.reserve(passage.bars.size());
  for (const Bar& bar : passage.bars) {
    std::vector<GridNote> notes = encodable_notes(bar, pitch_range(), counter);
    sort_and_merge(notes, counter);
    std::vector<std::uint16_t> tokens = bar_tokens(notes, vocabulary_, counter);
    const int rows = static_cast<int>(tokens.size());
    bars.push_back({bar.meter, bar.length, rows, std::move(tokens)});
  }
  return bars;
}

Passage NotesCodec::decode(std::span<const BarRows> bars) const {
  Passage passage = silent_passage(grid_, bars);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    passage.bars[i].notes = read_tokens(bars[i], vocabulary_);
  }
  return passage;
}

std::unique_ptr<BarGrammar> NotesCodec::grammar(Steps bar_length) const {
  check_length(*this, bar_length);
  return std::make_unique<NotesGrammar>(vocabulary_, bar_length);
}

void NotesCodec::transpose(std::span<BarRows> bars, int semitones) const {
  for (BarRows& bar : bars) {
    for (std::uint16_t& token : bar.values) {
      if (!vocabulary_.is_pitch(token)) continue;
      const int pitch = transposed_pitch(vocabulary_.pitch(token), semitones, pitch_range());
      token = static_cast<std::uint16_t>(vocabulary_.pitch_token(pitch));
    }
  }
}

}  // namespace musicvae::datasets
