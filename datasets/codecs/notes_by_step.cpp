#include "datasets/codecs/notes_by_step.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace musicvae::datasets {
namespace {

using Vocabulary = NotesByStepCodec;

constexpr const char* kTooManyReason = "beyond 16 notes of a step";

bool is_pitch(int token) {
  return token >= Vocabulary::kFirstPitch && token < Vocabulary::kFirstDuration;
}
bool is_duration(int token) {
  return token >= Vocabulary::kFirstDuration && token < Vocabulary::kTokens;
}
int pitch_of(int token) { return token - Vocabulary::kFirstPitch + kLowestPianoPitch; }
int pitch_token(int pitch) { return pitch - kLowestPianoPitch + Vocabulary::kFirstPitch; }

/// What may follow in a bar: between notes a higher pitch or the end of the step, after a pitch any
/// duration. It never comes to a dead end, as a step can always end after a duration.
class StepGrammar : public BarGrammar {
 public:
  explicit StepGrammar(int steps) : steps_left_(steps) {}

  void allowed(std::span<bool> mask) const override {
    for (int token = 0; token < static_cast<int>(mask.size()); ++token) {
      mask[std::size_t(token)] = allows(token);
    }
  }

  void push(int token) override {
    if (!allows(token)) return;
    if (token == Vocabulary::kEndOfStep) {
      --steps_left_;
      notes_ = 0;
      next_pitch_ = Vocabulary::kFirstPitch;
    } else if (is_pitch(token)) {
      after_pitch_ = true;
      next_pitch_ = token + 1;
    } else {
      after_pitch_ = false;
      ++notes_;
    }
  }

  bool finished() const override { return steps_left_ <= 0; }

  bool allows(int token) const {
    if (finished()) return false;
    if (is_duration(token)) return after_pitch_;
    if (after_pitch_) return false;
    if (token == Vocabulary::kEndOfStep) return true;
    return is_pitch(token) && token >= next_pitch_ && notes_ < Vocabulary::kMostNotes;
  }

 private:
  int steps_left_;
  int notes_ = 0;  // That begin at this step.
  int next_pitch_ = Vocabulary::kFirstPitch;
  bool after_pitch_ = false;
};

/// Leaves the highest notes of each step, as many as it may have. `notes` are sorted.
void keep_most(std::vector<GridNote>& notes, DropCounter& dropped) {
  std::vector<GridNote> kept;
  for (auto note = notes.begin(); note != notes.end();) {
    const auto end = std::find_if(
        note, notes.end(), [&](const GridNote& other) { return other.onset != note->onset; });
    const auto excess = std::max<std::ptrdiff_t>(0, end - note - Vocabulary::kMostNotes);
    dropped.add(kTooManyReason, std::size_t(excess));
    kept.insert(kept.end(), note + excess, end);
    note = end;
  }
  notes = std::move(kept);
}

std::vector<std::uint16_t> bar_tokens(const std::vector<GridNote>& notes, Steps length,
                                      DropCounter& dropped) {
  std::vector<std::uint16_t> tokens;
  const auto add = [&](int token) { tokens.push_back(static_cast<std::uint16_t>(token)); };
  auto note = notes.begin();
  for (Steps step(0); step < length; step += Steps(1)) {
    for (; note != notes.end() && note->onset == step; ++note) {
      if (note->duration.count > Vocabulary::kLongest) dropped.add(kTooLongReason);
      add(pitch_token(note->pitch));
      add(Vocabulary::kFirstDuration + std::clamp(note->duration.count, 1, Vocabulary::kLongest) -
          1);
    }
    add(Vocabulary::kEndOfStep);
  }
  return tokens;
}

/// The notes of a bar's tokens; those the grammar does not allow are passed over.
std::vector<GridNote> read_tokens(const BarRows& rows) {
  std::vector<GridNote> notes;
  StepGrammar grammar(rows.length.count);
  GridNote note;
  note.onset = Steps(0);
  for (const int token : rows.values) {
    if (!grammar.allows(token)) continue;
    grammar.push(token);
    if (token == Vocabulary::kEndOfStep) {
      note.onset += Steps(1);
    } else if (is_pitch(token)) {
      note.pitch = static_cast<std::uint8_t>(pitch_of(token));
    } else {
      note.duration = Steps(token - Vocabulary::kFirstDuration + 1);
      notes.push_back(note);
    }
  }
  return notes;
}

}  // namespace

std::vector<BarRows> NotesByStepCodec::encode(const Passage& passage, Dropped* dropped) const {
  check_bars(*this, passage);
  DropCounter counter(dropped);
  std::vector<BarRows> bars;
  bars.reserve(passage.bars.size());
  for (const Bar& bar : passage.bars) {
    std::vector<GridNote> notes = encodable_notes(bar, pitch_range(), counter);
    sort_and_merge(notes, counter);
    keep_most(notes, counter);
    std::vector<std::uint16_t> tokens = bar_tokens(notes, bar.length, counter);
    const int rows = static_cast<int>(tokens.size());
    bars.push_back({bar.meter, bar.length, rows, std::move(tokens)});
  }
  return bars;
}

Passage NotesByStepCodec::decode(std::span<const BarRows> bars) const {
  Passage passage = silent_passage(grid_, bars);
  for (std::size_t i = 0; i < bars.size(); ++i) passage.bars[i].notes = read_tokens(bars[i]);
  return passage;
}

std::unique_ptr<BarGrammar> NotesByStepCodec::grammar(Steps bar_length) const {
  check_length(*this, bar_length);
  return std::make_unique<StepGrammar>(bar_length.count);
}

void NotesByStepCodec::transpose(std::span<BarRows> bars, int semitones) const {
  for (BarRows& bar : bars) {
    for (std::uint16_t& token : bar.values) {
      if (!is_pitch(token)) continue;
      const int pitch = transposed_pitch(pitch_of(token), semitones, pitch_range());
      token = static_cast<std::uint16_t>(pitch_token(pitch));
    }
  }
}

}  // namespace musicvae::datasets
