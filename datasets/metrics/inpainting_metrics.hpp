#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "datasets/codecs/codec.hpp"

/// How well missing bars were filled, on plain rows and passages: the figures of Music SketchNet
/// (Chen et al., ISMIR 2020) and of MusDr (Wu and Yang, ISMIR 2020).
namespace musicvae::datasets {

/// Rows of a gap that agree with the true ones at the same bar and position. A row that the fill
/// lacks is wrong; rows beyond the true ones do not count.
///
/// A row's rhythm class is onset (any pitch token), or else the token itself: hold or rest of a
/// melody.
struct RowScore {
  std::size_t rows = 0;
  std::size_t correct = 0;
  std::size_t pitches = 0;  ///< Rows whose true token is a pitch.
  std::size_t correct_pitches = 0;
  std::size_t others = 0;  ///< Rows whose true token is none: holds and rests of a melody.
  std::size_t correct_others = 0;
  std::size_t correct_classes = 0;  ///< Rows whose rhythm class is right.

  /// Shares; nothing where there is no such row.
  std::optional<double> accuracy() const;
  /// SketchNet's pAcc: the share of rows that truly are pitches whose pitch is right.
  std::optional<double> pitch_accuracy() const;
  /// SketchNet's rAcc: the share of rows that truly are holds or rests whose token is right. Onsets
  /// in wrong places lower it, onsets that are left out do not.
  std::optional<double> rhythm_accuracy() const;
  std::optional<double> rhythm_class_accuracy() const;

  RowScore& operator+=(const RowScore& other);
};

/// Compares bars in pairs. Rows of bits count in `rows` and `correct` only.
RowScore score_rows(std::span<const BarRows> truth, std::span<const BarRows> fill,
                    const PitchTokens& pitches);

/// Share of rows that differ, over the longer of each pair of bars; 0 for no rows.
double row_distance(std::span<const BarRows> a, std::span<const BarRows> b);

/// For each of the `missing` bars (ascending indices) whether it stands, row by row, among the
/// known ones, so that copying could find it.
std::vector<bool> repeated_bars(std::span<const BarRows> bars, std::span<const int> missing);

/// SketchNet tells gaps apart by how much their past resembles their future; this looks at what is
/// to be found.
enum class GapKind {
  kRepeating,  ///< All of its bars are repeated ones.
  kMixed,
  kNew,  ///< None is.
};
GapKind gap_kind(const std::vector<bool>& repeated);

/// MusDr's groove similarity of bars in pairs, averaged: 1 less the share of the bar's steps on
/// which notes begin in one of both only. 1 for no bars.
double groove_similarity(const Passage& a, const Passage& b);

/// Steps between successive notes of a passage's top line, in semitones, up positive.
struct IntervalRange {
  int lowest = 0;
  int highest = 0;

  bool contains(int interval) const { return interval >= lowest && interval <= highest; }
  bool operator==(const IntervalRange&) const = default;
};

/// The range on the top line, the highest note of each onset. Nothing where it has fewer than two
/// notes.
std::optional<IntervalRange> interval_range(const Passage& passage);

/// Whether the step from the last note of `fill` to the first of `next` is within `range`, on the
/// top line; a silent fill leads nowhere. Nothing where `next` is silent.
std::optional<bool> leads_on(const Passage& fill, const Passage& next, const IntervalRange& range);

}  // namespace musicvae::datasets
