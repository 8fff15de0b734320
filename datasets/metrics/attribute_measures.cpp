#include "datasets/metrics/attribute_measures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "datasets/metrics/pitch_classes.hpp"

namespace musicvae::datasets {
namespace {

constexpr int kOctave = 12;
constexpr std::array<int, 7> kMajorScale{0, 2, 4, 5, 7, 9, 11};

/// The pitched notes of a part, and where they begin.
struct PlacedNote {
  Steps onset;  // From the start of the part.
  Steps duration;
  int pitch = 0;
};

std::vector<PlacedNote> notes_of(const Passage& part) {
  std::vector<PlacedNote> notes;
  Steps start;
  for (const Bar& bar : part.bars) {
    for (const GridNote& note : bar.notes) {
      if (!note.drum) notes.push_back({start + note.onset, note.duration, note.pitch});
    }
    start += bar.length;
  }
  return notes;
}

Steps length_of(const Passage& part) {
  Steps length;
  for (const Bar& bar : part.bars) length += bar.length;
  return length;
}

/// The highest note of each onset, in order.
std::vector<int> top_line(const Passage& part) {
  std::map<int, int> tops;
  for (const PlacedNote& note : notes_of(part)) {
    int& top = tops.try_emplace(note.onset.count, note.pitch).first->second;
    top = std::max(top, note.pitch);
  }
  std::vector<int> line;
  for (const auto& [onset, pitch] : tops) line.push_back(pitch);
  return line;
}

std::optional<double> density(const Passage& part, int /*tonic*/) {
  const Steps length = length_of(part);
  if (length == Steps(0)) return std::nullopt;
  const auto notes = static_cast<double>(notes_of(part).size());
  return notes * part.grid.steps_per_quarter / length.count;
}

std::optional<double> mean_pitch(const Passage& part, int /*tonic*/) {
  const auto notes = notes_of(part);
  if (notes.empty()) return std::nullopt;
  double sum = 0;
  for (const PlacedNote& note : notes) sum += note.pitch;
  return sum / static_cast<double>(notes.size());
}

std::optional<double> range(const Passage& part, int /*tonic*/) {
  const auto notes = notes_of(part);
  if (notes.empty()) return std::nullopt;
  const auto [low, high] = std::minmax_element(notes.begin(), notes.end(),
                                               [](auto& a, auto& b) { return a.pitch < b.pitch; });
  return high->pitch - low->pitch;
}

/// The mean over the steps of the top line. Nothing where there are none.
template <class Value>
std::optional<double> mean_over_steps(const Passage& part, Value value) {
  const auto line = top_line(part);
  if (line.size() < 2) return std::nullopt;
  double sum = 0;
  for (std::size_t i = 1; i < line.size(); ++i) sum += value(std::abs(line[i] - line[i - 1]));
  return sum / static_cast<double>(line.size() - 1);
}

std::optional<double> mean_interval(const Passage& part, int /*tonic*/) {
  return mean_over_steps(part, [](int interval) { return double(interval); });
}

std::optional<double> repetition(const Passage& part, int /*tonic*/) {
  return mean_over_steps(part, [](int interval) { return interval == 0 ? 1.0 : 0.0; });
}

/// Share of the onsets at odd multiples of a note value, of which so many are a quarter, without
/// an onset one value before. Bars, not the part, count from 0.
std::optional<double> syncopation(const Passage& part, int values_a_quarter) {
  if (part.grid.steps_per_quarter % values_a_quarter != 0) return std::nullopt;
  const int value = part.grid.steps_per_quarter / values_a_quarter;
  int onsets = 0, off = 0;
  for (const Bar& bar : part.bars) {
    std::set<int> places;
    for (const GridNote& note : bar.notes) {
      if (!note.drum) places.insert(note.onset.count);
    }
    for (const int place : places) {
      ++onsets;
      const bool odd = place % value == 0 && place / value % 2 == 1;
      off += odd && !places.contains(place - value);
    }
  }
  return onsets == 0 ? std::nullopt : std::optional(double(off) / onsets);
}

std::optional<double> syncopation16(const Passage& part, int /*tonic*/) {
  return syncopation(part, 4);
}

std::optional<double> syncopation8(const Passage& part, int /*tonic*/) {
  return syncopation(part, 2);
}

std::optional<double> polyphony(const Passage& part, int /*tonic*/) {
  const int length = length_of(part).count;
  std::vector<int> sounding(static_cast<std::size_t>(length));
  for (const PlacedNote& note : notes_of(part)) {
    const int end = std::min(length, (note.onset + note.duration).count);
    for (int step = note.onset.count; step < end; ++step) ++sounding[std::size_t(step)];
  }
  double sum = 0;
  int steps = 0;
  for (const int notes : sounding) {
    sum += notes;
    steps += notes > 0;
  }
  return steps == 0 ? std::nullopt : std::optional(sum / steps);
}

bool in_major_scale(int pitch, int tonic) {
  const int degree = (pitch - tonic + kOctave) % kOctave;
  return std::find(kMajorScale.begin(), kMajorScale.end(), degree) != kMajorScale.end();
}

std::optional<double> diatonic(const Passage& part, int tonic) {
  const auto notes = notes_of(part);
  if (notes.empty()) return std::nullopt;
  const auto within = std::count_if(notes.begin(), notes.end(), [&](const PlacedNote& note) {
    return in_major_scale(note.pitch, tonic);
  });
  return double(within) / static_cast<double>(notes.size());
}

}  // namespace

const std::vector<AttributeMeasure>& attribute_measures() {
  static const std::vector<AttributeMeasure> measures = {
      {"density", "notes that begin in a quarter", density},
      {"pitch", "mean pitch, in semitones", mean_pitch},
      {"range", "semitones from the lowest note to the highest", range},
      {"interval", "mean step of the top line, in semitones", mean_interval},
      {"syncopation16", "share of onsets off the eighths, with none just before", syncopation16},
      {"syncopation8", "share of onsets off the quarters, with none just before", syncopation8},
      {"polyphony", "notes that sound at a time", polyphony},
      {"diatonic", "share of notes within the piece's scale", diatonic},
      {"repetition", "share of the top line's steps that repeat a pitch", repetition},
  };
  return measures;
}

int major_tonic(const Passage& piece) {
  const auto shares = pitch_class_shares(piece, NoteWeight::kOnset);
  int best = 0;
  double most = -1;
  for (int tonic = 0; tonic < kOctave; ++tonic) {
    double within = 0;
    for (const int degree : kMajorScale) within += shares[std::size_t(tonic + degree) % kOctave];
    if (within <= most + 1e-9) continue;
    most = within;
    best = tonic;
  }
  return best;
}

std::optional<double> mean_measure(const AttributeMeasure& measure, const Passage& piece,
                                   int bars) {
  const int tonic = major_tonic(piece), total = static_cast<int>(piece.bars.size());
  double sum = 0;
  int parts = 0;
  for (int first = 0; first < total; first += bars) {
    const auto value = measure.measure(slice(piece, first, std::min(bars, total - first)), tonic);
    if (!value) continue;
    sum += *value;
    ++parts;
  }
  return parts == 0 ? std::nullopt : std::optional(sum / parts);
}

}  // namespace musicvae::datasets
