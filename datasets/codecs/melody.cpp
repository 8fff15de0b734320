#include "datasets/codecs/melody.hpp"

#include <algorithm>
#include <tuple>

#include "datasets/codecs/common.hpp"

namespace musicvae::datasets {
namespace {

constexpr const char* kLowerReason = "lower of simultaneous notes";
constexpr const char* kLaterOnsetReason = "shortened by the next onset";

/// The highest note of each onset, in order, and the longest where several have its pitch.
std::vector<GridNote> top_notes(std::vector<GridNote> notes, DropCounter& dropped) {
  std::sort(notes.begin(), notes.end(), [](const GridNote& a, const GridNote& b) {
    return std::tie(a.onset, b.pitch, b.duration) < std::tie(b.onset, a.pitch, a.duration);
  });
  std::vector<GridNote> top;
  for (const GridNote& note : notes) {
    if (top.empty() || top.back().onset != note.onset) {
      top.push_back(note);
    } else {
      dropped.add(top.back().pitch == note.pitch ? kUnisonReason : kLowerReason);
    }
  }
  return top;
}

/// One token a step for a single voice.
std::vector<std::uint16_t> voice_tokens(const std::vector<GridNote>& voice, Steps length,
                                        DropCounter& dropped) {
  std::vector<std::uint16_t> tokens(std::size_t(length.count), MelodyCodec::kHold);
  for (std::size_t i = 0; i < voice.size(); ++i) {
    const GridNote& note = voice[i];
    tokens[std::size_t(note.onset.count)] =
        static_cast<std::uint16_t>(MelodyCodec::kFirstPitch + note.pitch - kLowestPianoPitch);
    const bool has_next = i + 1 < voice.size();
    const Steps limit = has_next ? voice[i + 1].onset : length;
    const Steps room = limit - note.onset;
    if (note.duration < room) {
      tokens[std::size_t((note.onset + note.duration).count)] = MelodyCodec::kNoteOff;
    } else if (note.duration > room) {
      dropped.add(has_next ? kLaterOnsetReason : kPastEndReason);
    }
  }
  return tokens;
}

/// Reads tokens back; unknown ones hold.
class MelodyReader {
 public:
  explicit MelodyReader(Passage& passage) : passage_(passage) {}

  void read_bar(std::size_t bar, const BarRows& rows) {
    const auto steps =
        std::clamp<std::size_t>(std::size_t(std::max(rows.length.count, 0)), 0, rows.values.size());
    for (std::size_t step = 0; step < steps; ++step) {
      read(bar, Steps(static_cast<int>(step)), rows.values[step]);
    }
  }

 private:
  void read(std::size_t bar, Steps step, int token) {
    const int pitch = token - MelodyCodec::kFirstPitch + kLowestPianoPitch;
    if (token >= MelodyCodec::kFirstPitch && pitch <= kHighestPianoPitch) {
      GridNote note;
      note.onset = step;
      note.duration = Steps(1);
      note.pitch = static_cast<std::uint8_t>(pitch);
      passage_.bars[bar].notes.push_back(note);
      sounding_bar_ = &passage_.bars[bar];
    } else if (token == MelodyCodec::kNoteOff) {
      sounding_bar_ = nullptr;
    } else if (sounding_bar_ != nullptr) {
      sounding_bar_->notes.back().duration += Steps(1);
    }
  }

  Passage& passage_;
  Bar* sounding_bar_ = nullptr;  // Its last note sounds.
};

}  // namespace

std::vector<BarRows> MelodyCodec::encode(const Passage& passage, Dropped* dropped) const {
  check_bars(*this, passage);
  return split_rows(passage, tokens(passage, dropped), 1);
}

std::vector<std::uint16_t> MelodyCodec::tokens(const Passage& passage, Dropped* dropped) const {
  DropCounter counter(dropped);
  const auto voice = top_notes(encodable_timeline(passage, pitch_range(), counter), counter);
  return voice_tokens(voice, total_length(passage), counter);
}

Passage MelodyCodec::decode(std::span<const BarRows> bars) const {
  Passage passage = silent_passage(grid_, bars);
  MelodyReader reader(passage);
  for (std::size_t bar = 0; bar < bars.size(); ++bar) reader.read_bar(bar, bars[bar]);
  return passage;
}

std::unique_ptr<BarGrammar> MelodyCodec::grammar(Steps bar_length) const {
  check_length(*this, bar_length);
  return std::make_unique<FreeGrammar>(max_rows(bar_length));
}

void MelodyCodec::transpose(std::span<BarRows> bars, int semitones) const {
  for (BarRows& bar : bars) {
    for (std::uint16_t& token : bar.values) {
      if (token < kFirstPitch) continue;
      const int pitch = token - kFirstPitch + kLowestPianoPitch;
      token = static_cast<std::uint16_t>(transposed_pitch(pitch, semitones, pitch_range()) -
                                         kLowestPianoPitch + kFirstPitch);
    }
  }
}

}  // namespace musicvae::datasets
