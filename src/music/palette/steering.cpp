#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "datasets/metrics/note_metrics.hpp"
#include "src/base/error.hpp"
#include "src/music/generation.hpp"
#include "src/music/palette/attributes.hpp"
#include "src/music/palette/variation.hpp"
#include "src/music/passages.hpp"

namespace musicvae {
namespace {

using datasets::Passage;
using Values = std::vector<std::optional<double>>;  // By attribute, in standard deviations.

constexpr int kStrangers = 12;           // Pieces drawn to find bars to go toward.
constexpr std::size_t kNeighbours = 10;  // Bars to go toward from each bar.
constexpr double kOtherWeight = 0.5;     // That what was not asked for stays, beside what was.
constexpr double kNotesWeight = 0.4;     // That notes stay.
constexpr double kUnknownCost = 1;  // What a bar costs in which an attribute cannot be measured.
constexpr double kMostOwed = 1.5;   // Standard deviations that a bar makes up for at most.
constexpr std::array kLengths = {3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.5, 11.0};
constexpr std::array kTowards = {0.35, 0.42, 0.48, 0.54, 0.62, 0.75, 1.0};
constexpr std::array kRegisters = {-12, -7, -5, -3, 3, 5, 7, 12};

double squared(double x) { return x * x; }

/// What all of the candidates of a piece have in common.
struct Setting {
  int tonic = 0;
  std::set<int> pitch_classes;  // Those that the music has; new notes keep to them.
  bool one_voice = false;
};

/// Some bars to go toward.
struct Neighbour {
  Latent latent;
  Passage music;
  Values values;
};

std::set<int> pitch_classes_of(const Passage& music) {
  std::array<double, 12> counts{};
  double notes = 0;
  for (const auto& bar : music.bars) {
    for (const auto& note : bar.notes) {
      if (note.drum) continue;
      ++counts[note.pitch % 12];
      ++notes;
    }
  }
  constexpr double kLeastShare = 0.02;
  std::set<int> classes;
  for (int i = 0; i < 12; ++i) {
    if (counts[std::size_t(i)] > kLeastShare * notes) classes.insert(i);
  }
  return classes;
}

/// Moves notes whose pitch class the music does not have to the nearest that it has; one of two
/// notes that meet is left out.
void keep_to(const std::set<int>& classes, Passage& music) {
  if (classes.empty()) return;
  for (auto& bar : music.bars) {
    std::set<std::pair<int, int>> taken;
    std::erase_if(bar.notes, [&](datasets::GridNote& note) {
      if (note.drum) return false;
      for (int away = 0; !classes.contains(note.pitch % 12); ++away) {
        // -1, +1, -2, +2 and so on from where it was.
        const int step = away % 2 == 0 ? -(away + 1) : away + 1;
        note.pitch = static_cast<std::uint8_t>(note.pitch + step);
      }
      return !taken.emplace(note.onset.count, note.pitch).second;
    });
  }
}

Latent plus(Latent latent, const Latent& direction, double length) {
  for (std::size_t i = 0; i < latent.size(); ++i) {
    latent[i] += static_cast<float>(length * double(direction[i]));
  }
  return latent;
}

/// One piece on its way to what is wanted.
class Search {
 public:
  Search(const MusicVae& model, const std::vector<Attribute>& attributes,
         const std::vector<double>& wanted, const Latent& direction, std::uint64_t seed,
         const Passage& music)
      : model_(model),
        attributes_(attributes),
        wanted_(wanted),
        direction_(direction),
        parts_(split_passages(music, model.bars_a_latent())),
        setting_{datasets::major_tonic(music), {}, !is_polyphonic(music)} {
    if (wanted_[index_of("diatonic")] == 0) setting_.pitch_classes = pitch_classes_of(music);
    if (wanted_[index_of("polyphony")] > 0) setting_.one_voice = false;
    latents_ = model.encode(music);
    gather(music, latents_);
    for (int i = 0; i < kStrangers; ++i) gather_stranger(music, seed + std::uint64_t(i));
  }

  Passage run() {
    const auto rows = model_.codec().encode(join_passages(parts_));
    std::map<std::vector<datasets::BarRows>, Latent, RowsLess> known;
    std::vector<Latent> chosen;
    std::size_t first = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const std::size_t bars = parts_[i].bars.size();
      const std::vector<datasets::BarRows> own(rows.begin() + std::ptrdiff_t(first),
                                               rows.begin() + std::ptrdiff_t(first + bars));
      first += bars;
      const auto before = known.find(own);
      chosen.push_back(before != known.end() ? before->second : best(i));
      known.emplace(own, chosen.back());
    }
    return finished(model_.decode(chosen, layout_of(join_passages(parts_)), {0}));
  }

 private:
  struct RowsLess {
    bool operator()(const std::vector<datasets::BarRows>& a,
                    const std::vector<datasets::BarRows>& b) const {
      return std::ranges::lexicographical_compare(a, b, [](const auto& x, const auto& y) {
        return std::tie(x.length, x.rows, x.values) < std::tie(y.length, y.rows, y.values);
      });
    }
  };

  static std::size_t index_of(std::string_view name) {
    const auto& measures = datasets::attribute_measures();
    const auto found = std::find_if(measures.begin(), measures.end(),
                                    [&](const auto& measure) { return measure.name == name; });
    return static_cast<std::size_t>(found - measures.begin());
  }

  /// Music as it would come out.
  Passage finished(Passage music) const {
    keep_to(setting_.pitch_classes, music);
    return setting_.one_voice ? to_one_voice(std::move(music)) : music;
  }

  Values values_of(const Passage& music) const {
    Values values;
    const auto& measures = datasets::attribute_measures();
    for (std::size_t k = 0; k < measures.size(); ++k) {
      auto value = measures[k].measure(music, setting_.tonic);
      if (value) *value /= attributes_[k].deviation;
      values.push_back(value);
    }
    return values;
  }

  void gather(const Passage& music, const std::vector<Latent>& latents) {
    const auto parts = split_passages(music, model_.bars_a_latent());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      neighbours_.push_back({latents[i], parts[i], values_of(finished(parts[i]))});
    }
  }

  void gather_stranger(const Passage& music, std::uint64_t seed) {
    const Passage layout = layout_of(music);
    const auto drawn = model_.decode(model_.draw_latents(layout, {1.0, seed}), layout, {0});
    if (note_count(drawn) == 0) return;
    const auto moved = moved_to_key_of(music, drawn, model_.codec().pitch_range());
    gather(moved, model_.encode(moved));
  }

  /// What is wanted of a part that has these values, with what those before it owe.
  Values wanted_of(const Values& own) const {
    Values wanted = own;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      if (!wanted[k]) continue;
      const double owed = k < owed_.size() ? owed_[k] : 0;
      *wanted[k] += wanted_[k] + std::clamp(owed, -kMostOwed, kMostOwed);
    }
    return wanted;
  }

  double cost(const Values& values, const Values& wanted) const {
    double sum = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (!wanted[k]) continue;
      const double weight = wanted_[k] != 0 ? 1 : kOtherWeight;
      sum += weight * (values[k] ? squared(*values[k] - *wanted[k]) : kUnknownCost);
    }
    return sum;
  }

  /// The neighbours in bars of the same lengths that come nearest to what is wanted.
  std::vector<const Neighbour*> neighbours_for(const Passage& part, const Values& wanted) const {
    std::vector<std::pair<double, const Neighbour*>> all;
    for (const Neighbour& neighbour : neighbours_) {
      if (layout_of(neighbour.music) != layout_of(part)) continue;
      all.push_back({cost(neighbour.values, wanted), &neighbour});
    }
    const auto count = std::min(kNeighbours, all.size());
    std::partial_sort(all.begin(), all.begin() + std::ptrdiff_t(count), all.end());
    std::vector<const Neighbour*> nearest;
    for (std::size_t i = 0; i < count; ++i) nearest.push_back(all[i].second);
    return nearest;
  }

  /// The part in other registers, in its key.
  std::vector<Passage> in_registers(const Passage& part) const {
    const auto [low, high] = model_.codec().pitch_range();
    std::vector<Passage> all;
    for (const int semitones : kRegisters) {
      Passage moved = part;
      for (auto& bar : moved.bars) {
        for (auto& note : bar.notes) {
          if (!note.drum) note.pitch = std::uint8_t(std::clamp(note.pitch + semitones, low, high));
        }
      }
      keep_to(setting_.pitch_classes, moved);
      all.push_back(std::move(moved));
    }
    return all;
  }

  std::vector<Latent> candidates(std::size_t part, const Values& wanted) const {
    const Latent& own = latents_[part];
    std::vector<Latent> latents{own};
    for (const double length : kLengths) latents.push_back(plus(own, direction_, length));
    for (const Neighbour* neighbour : neighbours_for(parts_[part], wanted)) {
      for (const double t : kTowards) latents.push_back(slerp(own, neighbour->latent, t));
    }
    for (const Latent& there : encode_means(model_.model(), in_registers(parts_[part]))) {
      latents.push_back(slerp(own, there, 0.5));
      latents.push_back(there);
    }
    return latents;
  }

  Latent best(std::size_t part) {
    const Passage& own = parts_[part];
    if (note_count(own) == 0) return latents_[part];
    const Values before = values_of(own), wanted = wanted_of(before);
    const auto latents = candidates(part, wanted);
    const std::vector<Passage> layouts(latents.size(), layout_of(own));
    const auto made = generate(model_.model(), latents, layouts, {0});
    std::size_t chosen = 0;
    double least = 0;
    Values reached;
    for (std::size_t i = 0; i < latents.size(); ++i) {
      const Passage music = finished(made[i]);
      const Values values = values_of(music);
      const double f1 = datasets::onset_pitch_score(datasets::count_matches(own, music)).f1;
      const double total = cost(values, wanted) + kNotesWeight * squared(1 - f1);
      if (i > 0 && total >= least) continue;
      chosen = i;
      least = total;
      reached = values;
    }
    owed_.resize(wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      if (wanted[k] && reached[k]) owed_[k] = *wanted[k] - *reached[k];
    }
    return latents[chosen];
  }

  const MusicVae& model_;
  const std::vector<Attribute>& attributes_;
  const std::vector<double>& wanted_;
  const Latent& direction_;
  std::vector<Passage> parts_;
  Setting setting_;
  std::vector<Latent> latents_;  // One for each part.
  std::vector<Neighbour> neighbours_;
  std::vector<double> owed_;  // By attribute, in standard deviations.
};

}  // namespace

Steering::Steering(const MusicVae& model, const AttributeSet& attributes,
                   const std::vector<AttributeRequest>& requests, std::uint64_t seed)
    : model_(model),
      attributes_(attributes.all()),
      wanted_(attributes_.size()),
      direction_(static_cast<std::size_t>(model.latent_size())),
      seed_(seed) {
  for (const auto& request : requests) wanted_[attributes.index(request.name)] += request.amount;
  double length = 0;
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    direction_ = plus(direction_, attributes_[k].vector, wanted_[k]);
  }
  for (const float value : direction_) length += squared(value);
  if (length > 0) direction_ = plus(Latent(direction_.size()), direction_, 1 / std::sqrt(length));
}

Passage Steering::operator()(const Passage& music) const {
  if (note_count(music) == 0) return music;
  return Search(model_, attributes_, wanted_, direction_, seed_, music).run();
}

}  // namespace musicvae
