#include "src/music/constraints/mixing.hpp"

#include <algorithm>
#include <cmath>

namespace musicvae {

NotesBegun notes_begun(const datasets::Codec& codec, const datasets::Passage& music) {
  if (codec.row_shape().kind != datasets::RowShape::Kind::kBits) return {};
  const int width = codec.row_shape().width;
  NotesBegun begun;
  for (const auto& bar : codec.encode(music)) {
    auto& rows = begun.emplace_back();
    double notes = 0;
    for (auto row = bar.values.begin(); row != bar.values.end(); row += width) {
      notes += static_cast<double>(std::count(row, row + width / 2, 1));
      rows.push_back(notes);
    }
  }
  return begun;
}

std::vector<double> notes_between(std::span<const WeightedBar> bars, std::size_t rows) {
  std::vector<double> between(rows);
  double whole = 0;
  for (const auto& [begun, weight] : bars) {
    if (begun->empty() || weight == 0) continue;
    if (weight == 1) return {};
    whole += weight;
    for (std::size_t row = 0; row < rows; ++row) {
      const auto same_share = ((row + 1) * begun->size() + rows - 1) / rows - 1;
      between[row] += weight * (*begun)[same_share];
    }
  }
  if (whole == 0) return {};
  for (double& notes : between) notes /= whole;
  return between;
}

PitchClasses pitch_class_shares(const datasets::Passage& music) {
  PitchClasses shares{};
  double notes = 0;
  for (const auto& bar : music.bars) {
    for (const auto& note : bar.notes) {
      if (note.drum) continue;
      shares[note.pitch % shares.size()] += 1;
      ++notes;
    }
  }
  for (double& share : shares) share /= std::max(notes, 1.0);
  return shares;
}

PitchClasses leaning_between(std::span<const PitchClasses> shares,
                             std::span<const double> weights) {
  constexpr double kEven = 1.0 / 12, kLeast = 0.01, kWeight = 4;
  if (std::find(weights.begin(), weights.end(), 1.0) != weights.end()) return {};
  PitchClasses leaning{};
  for (std::size_t i = 0; i < leaning.size(); ++i) {
    double share = 0;
    for (std::size_t piece = 0; piece < shares.size(); ++piece) {
      share += weights[piece] * shares[piece][i];
    }
    leaning[i] = kWeight * std::log(std::min((share + kLeast) / (kEven + kLeast), 1.0));
  }
  return leaning;
}

}  // namespace musicvae
