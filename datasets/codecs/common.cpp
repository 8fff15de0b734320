#include "datasets/codecs/common.hpp"

#include <algorithm>
#include <tuple>

namespace musicvae::datasets {
namespace {

const char* reason_to_drop(const GridNote& note, const Bar& bar, std::pair<int, int> pitch_range) {
  if (note.drum) return kDrumsReason;
  if (note.pitch < pitch_range.first || note.pitch > pitch_range.second) return kPitchReason;
  if (note.onset < Steps(0) || note.onset >= bar.length) return kOutsideBarReason;
  return nullptr;
}

std::string misfit(const Codec& codec) {
  return " does not fit codec " + std::string(codec.name()) + ", whose bars have up to " +
         std::to_string(codec.longest_bar().count) + " steps";
}

}  // namespace

void check_length(const Codec& codec, Steps bar_length) {
  if (codec.can_encode(bar_length)) return;
  throw DatasetError("a bar of " + std::to_string(bar_length.count) + " steps" + misfit(codec));
}

void check_bars(const Codec& codec, const Passage& passage) {
  for (std::size_t i = 0; i < passage.bars.size(); ++i) {
    const Bar& bar = passage.bars[i];
    if (codec.can_encode(bar.length)) continue;
    throw DatasetError("bar " + std::to_string(i + 1) + " (" + std::to_string(bar.meter.numerator) +
                       "/" + std::to_string(bar.meter.denominator) + ", " +
                       std::to_string(bar.length.count) + " steps)" + misfit(codec));
  }
}

std::vector<GridNote> encodable_notes(const Bar& bar, std::pair<int, int> pitch_range,
                                      DropCounter& dropped) {
  std::vector<GridNote> notes;
  notes.reserve(bar.notes.size());
  for (const GridNote& note : bar.notes) {
    if (const char* reason = reason_to_drop(note, bar, pitch_range)) {
      dropped.add(reason);
    } else {
      notes.push_back(note);
      notes.back().part = 0;
    }
  }
  return notes;
}

std::vector<GridNote> encodable_timeline(const Passage& passage, std::pair<int, int> pitch_range,
                                         DropCounter& dropped) {
  std::vector<GridNote> timeline;
  Steps start;
  for (const Bar& bar : passage.bars) {
    for (GridNote note : encodable_notes(bar, pitch_range, dropped)) {
      note.onset += start;
      timeline.push_back(note);
    }
    start += bar.length;
  }
  return timeline;
}

void sort_and_merge(std::vector<GridNote>& notes, DropCounter& dropped) {
  std::sort(notes.begin(), notes.end(), [](const GridNote& a, const GridNote& b) {
    return std::tie(a.onset, a.pitch, b.duration) < std::tie(b.onset, b.pitch, a.duration);
  });
  const auto end =
      std::unique(notes.begin(), notes.end(), [](const GridNote& a, const GridNote& b) {
        return a.onset == b.onset && a.pitch == b.pitch;
      });
  dropped.add(kUnisonReason, std::size_t(notes.end() - end));
  notes.erase(end, notes.end());
}

Steps total_length(const Passage& passage) {
  Steps length;
  for (const Bar& bar : passage.bars) length += bar.length;
  return length;
}

std::vector<BarRows> split_rows(const Passage& passage, std::span<const std::uint16_t> values,
                                int width) {
  std::vector<BarRows> bars;
  bars.reserve(passage.bars.size());
  std::size_t begin = 0;
  for (const Bar& bar : passage.bars) {
    const std::size_t size = std::size_t(bar.length.count) * std::size_t(width);
    const auto rows = values.subspan(begin, size);
    bars.push_back({bar.meter, bar.length, bar.length.count, {rows.begin(), rows.end()}});
    begin += size;
  }
  return bars;
}

Passage silent_passage(const Grid& grid, std::span<const BarRows> bars) {
  Passage passage{grid, {}};
  passage.bars.reserve(bars.size());
  for (const BarRows& rows : bars) passage.bars.push_back({rows.meter, rows.length, {}});
  return passage;
}

int transposed_pitch(int pitch, int semitones, std::pair<int, int> pitch_range) {
  const int moved = pitch + semitones;
  if (moved >= pitch_range.first && moved <= pitch_range.second) return moved;
  throw DatasetError("pitch " + std::to_string(pitch) + " moved by " + std::to_string(semitones) +
                     " leaves the codec's range");
}

void FreeGrammar::allowed(std::span<bool> mask) const {
  std::fill(mask.begin(), mask.end(), !finished());
}

void FreeGrammar::push(int /*token*/) {
  if (!finished()) --rows_left_;
}

}  // namespace musicvae::datasets
