#include "datasets/metrics/inpainting_metrics.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "datasets/codecs/bar_rows.hpp"

namespace musicvae::datasets {
namespace {

std::optional<double> share(std::size_t part, std::size_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

RowScore score_row(const BarRows& truth, const BarRows& fill, int row, const PitchTokens& pitches) {
  RowScore score;
  const bool correct = rows_equal(truth, fill, row);
  score.rows = 1;
  score.correct = correct ? 1 : 0;
  if (pitches.count == 0) return score;
  const bool is_pitch = pitches.contains(truth.values[std::size_t(row)]);
  (is_pitch ? score.pitches : score.others) = 1;
  (is_pitch ? score.correct_pitches : score.correct_others) = score.correct;
  const bool same_class =
      correct || (is_pitch && row < fill.rows && pitches.contains(fill.values[std::size_t(row)]));
  score.correct_classes = same_class ? 1 : 0;
  return score;
}

std::set<Steps> onsets(const Bar& bar) {
  std::set<Steps> steps;
  for (const GridNote& note : bar.notes) steps.insert(note.onset);
  return steps;
}

double bar_groove_similarity(const Bar& a, const Bar& b) {
  const auto of_a = onsets(a), of_b = onsets(b);
  std::vector<Steps> in_one;
  std::set_symmetric_difference(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                                std::back_inserter(in_one));
  return 1 - double(in_one.size()) / double(std::max(a.length.count, 1));
}

/// Pitches of the highest note of each onset.
std::vector<int> top_line(const Passage& passage) {
  std::vector<int> line;
  for (const Bar& bar : passage.bars) {
    std::map<Steps, int> highest;
    for (const GridNote& note : bar.notes) {
      if (note.drum) continue;
      int& pitch = highest.try_emplace(note.onset, note.pitch).first->second;
      pitch = std::max<int>(pitch, note.pitch);
    }
    for (const auto& [onset, pitch] : highest) line.push_back(pitch);
  }
  return line;
}

}  // namespace

std::optional<double> RowScore::accuracy() const { return share(correct, rows); }
std::optional<double> RowScore::pitch_accuracy() const { return share(correct_pitches, pitches); }
std::optional<double> RowScore::rhythm_accuracy() const { return share(correct_others, others); }
std::optional<double> RowScore::rhythm_class_accuracy() const {
  return share(correct_classes, pitches + others);
}

RowScore& RowScore::operator+=(const RowScore& other) {
  rows += other.rows;
  correct += other.correct;
  pitches += other.pitches;
  correct_pitches += other.correct_pitches;
  others += other.others;
  correct_others += other.correct_others;
  correct_classes += other.correct_classes;
  return *this;
}

RowScore score_rows(std::span<const BarRows> truth, std::span<const BarRows> fill,
                    const PitchTokens& pitches) {
  RowScore score;
  for (std::size_t bar = 0; bar < truth.size(); ++bar) {
    const BarRows none;
    const BarRows& filled = bar < fill.size() ? fill[bar] : none;
    for (int row = 0; row < truth[bar].rows; ++row) {
      score += score_row(truth[bar], filled, row, pitches);
    }
  }
  return score;
}

double row_distance(std::span<const BarRows> a, std::span<const BarRows> b) {
  std::size_t rows = 0, equal = 0;
  for (std::size_t bar = 0; bar < std::min(a.size(), b.size()); ++bar) {
    rows += std::size_t(std::max(a[bar].rows, b[bar].rows));
    equal += equal_rows(a[bar], b[bar]);
  }
  return rows == 0 ? 0 : 1 - double(equal) / double(rows);
}

std::vector<bool> repeated_bars(std::span<const BarRows> bars, std::span<const int> missing) {
  const auto stands_elsewhere = [&](int bar) {
    for (int other = 0; other < int(bars.size()); ++other) {
      const bool known = !std::binary_search(missing.begin(), missing.end(), other);
      if (known && bars[std::size_t(other)].values == bars[std::size_t(bar)].values) return true;
    }
    return false;
  };
  std::vector<bool> repeated(missing.size());
  std::transform(missing.begin(), missing.end(), repeated.begin(), stands_elsewhere);
  return repeated;
}

GapKind gap_kind(const std::vector<bool>& repeated) {
  const auto count = std::count(repeated.begin(), repeated.end(), true);
  if (count == 0) return GapKind::kNew;
  return count == std::ssize(repeated) ? GapKind::kRepeating : GapKind::kMixed;
}

double groove_similarity(const Passage& a, const Passage& b) {
  const std::size_t bars = std::min(a.bars.size(), b.bars.size());
  if (bars == 0) return 1;
  double sum = 0;
  for (std::size_t bar = 0; bar < bars; ++bar) {
    sum += bar_groove_similarity(a.bars[bar], b.bars[bar]);
  }
  return sum / double(bars);
}

std::optional<IntervalRange> interval_range(const Passage& passage) {
  const std::vector<int> line = top_line(passage);
  if (line.size() < 2) return std::nullopt;
  IntervalRange range{line[1] - line[0], line[1] - line[0]};
  for (std::size_t i = 2; i < line.size(); ++i) {
    range.lowest = std::min(range.lowest, line[i] - line[i - 1]);
    range.highest = std::max(range.highest, line[i] - line[i - 1]);
  }
  return range;
}

std::optional<bool> leads_on(const Passage& fill, const Passage& next, const IntervalRange& range) {
  const std::vector<int> filled = top_line(fill), following = top_line(next);
  if (following.empty()) return std::nullopt;
  return !filled.empty() && range.contains(following.front() - filled.back());
}

}  // namespace musicvae::datasets
