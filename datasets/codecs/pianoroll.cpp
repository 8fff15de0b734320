#include "datasets/codecs/pianoroll.hpp"

#include <algorithm>
#include <array>

#include "datasets/codecs/common.hpp"
#include "datasets/grid/repeats.hpp"

namespace musicvae::datasets {
namespace {

constexpr std::size_t kPitches = PianorollCodec::kPitches;
constexpr std::size_t kWidth = 2 * kPitches;
constexpr const char* kRepeatReason = "shortened where its pitch is struck again";

using Bits = std::span<std::uint16_t>;

void draw_note(const GridNote& note, Steps length, Bits bits) {
  const auto pitch = std::size_t(note.pitch - PianorollCodec::kLowestPitch);
  const auto begin = std::size_t(note.onset.count);
  const auto end = std::size_t(std::min(note.onset + note.duration, length).count);
  bits[begin * kWidth + pitch] = 1;
  for (std::size_t step = begin + 1; step < end; ++step) {
    bits[step * kWidth + kPitches + pitch] = 1;
  }
}

/// Reads rows back; a bit that sustains nothing is passed over.
class RollReader {
 public:
  explicit RollReader(Passage& passage) : passage_(passage) {}

  void read_bar(std::size_t bar, const BarRows& rows) {
    const auto length = std::size_t(std::max(rows.length.count, 0));
    const std::size_t steps = std::min(length, rows.values.size() / kWidth);
    for (std::size_t step = 0; step < steps; ++step) {
      for (std::size_t pitch = 0; pitch < kPitches; ++pitch) {
        const std::uint16_t* row = &rows.values[step * kWidth];
        read(bar, static_cast<int>(step), pitch, row[pitch] != 0, row[kPitches + pitch] != 0);
      }
    }
  }

 private:
  struct NoteIndex {
    std::size_t bar = 0;
    std::size_t note = 0;
  };

  void read(std::size_t bar, int step, std::size_t pitch, bool begins, bool sustains) {
    std::optional<NoteIndex>& sounding = sounding_[pitch];
    std::vector<GridNote>& notes = passage_.bars[bar].notes;
    if (begins) {
      GridNote note;
      note.onset = Steps(step);
      note.duration = Steps(1);
      note.pitch = static_cast<std::uint8_t>(PianorollCodec::kLowestPitch + int(pitch));
      sounding = NoteIndex{bar, notes.size()};
      notes.push_back(note);
    } else if (!sustains) {
      sounding.reset();
    } else if (sounding) {
      passage_.bars[sounding->bar].notes[sounding->note].duration += Steps(1);
    }
  }

  Passage& passage_;
  std::array<std::optional<NoteIndex>, kPitches> sounding_;
};

/// Moves the bits of one half row.
void move_bits(Bits half, int semitones, std::pair<int, int> range) {
  std::array<std::uint16_t, kPitches> moved{};
  for (std::size_t i = 0; i < kPitches; ++i) {
    if (half[i] == 0) continue;
    const int pitch = transposed_pitch(range.first + int(i), semitones, range);
    moved[std::size_t(pitch - range.first)] = half[i];
  }
  std::copy(moved.begin(), moved.end(), half.begin());
}

}  // namespace

std::vector<BarRows> PianorollCodec::encode(const Passage& passage, Dropped* dropped) const {
  check_bars(*this, passage);
  DropCounter counter(dropped);
  std::vector<GridNote> notes = encodable_timeline(passage, pitch_range(), counter);
  const RepeatCounts repeats = separate_repeats(notes);
  counter.add(kUnisonReason, repeats.merged);
  counter.add(kRepeatReason, repeats.cut);
  const Steps length = total_length(passage);
  std::vector<std::uint16_t> bits(std::size_t(length.count) * kWidth);
  for (const GridNote& note : notes) {
    if (note.duration > length - note.onset) counter.add(kPastEndReason);
    draw_note(note, length, bits);
  }
  return split_rows(passage, bits, int(kWidth));
}

Passage PianorollCodec::decode(std::span<const BarRows> bars) const {
  Passage passage = silent_passage(grid_, bars);
  RollReader reader(passage);
  for (std::size_t bar = 0; bar < bars.size(); ++bar) reader.read_bar(bar, bars[bar]);
  return passage;
}

std::unique_ptr<BarGrammar> PianorollCodec::grammar(Steps bar_length) const {
  check_length(*this, bar_length);
  return std::make_unique<FreeGrammar>(max_rows(bar_length));
}

void PianorollCodec::transpose(std::span<BarRows> bars, int semitones) const {
  for (BarRows& bar : bars) {
    const Bits values(bar.values);
    for (std::size_t half = 0; half + kPitches <= values.size(); half += kPitches) {
      move_bits(values.subspan(half, kPitches), semitones, pitch_range());
    }
  }
}

}  // namespace musicvae::datasets
