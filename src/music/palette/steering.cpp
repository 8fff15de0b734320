#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "src/base/error.hpp"
#include "src/music/generation.hpp"
#include "src/music/palette/attributes.hpp"
#include "src/music/palette/variation.hpp"
#include "src/music/passages.hpp"

namespace musicvae {
namespace {

using datasets::Passage;
using Values = std::vector<std::optional<double>>;  // By attribute, in standard deviations.
using Amounts = std::vector<double>;                // Likewise.

constexpr std::size_t kStrangers = 12;   // Pieces drawn to find bars to go toward.
constexpr std::size_t kDense = 6;        // More of them, as dense as is wanted.
constexpr std::size_t kNeighbours = 10;  // Bars to go toward from each bar.
constexpr double kOtherWeight = 0.5;     // That what was not asked for stays, beside what was.
constexpr double kBesideLabel = 0.1;     // The same where a label was asked for.
constexpr double kNotesWeight = 0.4;     // That notes stay.
constexpr double kUnknownCost = 1;  // What a bar costs in which an attribute cannot be measured.
constexpr double kSparsest = 0.25;  // Notes a quarter that strangers have at least.
constexpr double kMostOwed = 1.5;   // Standard deviations that a bar makes up for at most.
constexpr std::array kLengths = {3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.5, 11.0};
constexpr std::array kTowards = {0.35, 0.42, 0.48, 0.54, 0.62, 0.75, 1.0};
constexpr std::array kRegisters = {0, -12, -7, -5, -3, 3, 5, 7, 12};

double squared(double x) { return x * x; }

/// Pitch classes of the major scale on a tonic.
std::set<int> scale_on(int tonic) {
  std::set<int> classes;
  for (const int degree : {0, 2, 4, 5, 7, 9, 11}) classes.insert((tonic + degree) % 12);
  return classes;
}

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

double quarters_a_bar(const Passage& music) {
  double steps = 0;
  for (const auto& bar : music.bars) steps += bar.length.count;
  return steps / music.grid.steps_per_quarter / double(music.bars.size());
}

/// Whether a number of notes may be asked of the model's music.
bool counts_notes(const MusicVae& model) {
  return model.codec().row_shape().kind == datasets::RowShape::Kind::kBits;
}

Latent plus(Latent latent, const Latent& direction, double length) {
  for (std::size_t i = 0; i < latent.size(); ++i) {
    latent[i] += static_cast<float>(length * double(direction[i]));
  }
  return latent;
}

std::size_t index_of(std::string_view name) {
  const auto& measures = datasets::attribute_measures();
  const auto found = std::find_if(measures.begin(), measures.end(),
                                  [&](const auto& measure) { return measure.name == name; });
  return static_cast<std::size_t>(found - measures.begin());
}

double dot(const Latent& a, const Latent& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * double(b[i]);
  return sum;
}

/// The direction to all that is wanted at once. Its length is 1, or 0 where nothing is wanted.
Latent direction_to(const Amounts& wanted, const std::vector<Attribute>& attributes) {
  Latent direction(attributes.front().vector.size());
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    direction = plus(std::move(direction), attributes[k].vector, wanted[k]);
  }
  const double length = std::sqrt(dot(direction, direction));
  return length > 0 ? plus(Latent(direction.size()), direction, 1 / length) : direction;
}

}  // namespace

/// A piece and what is near it.
struct SteeringGround {
  /// What one latent stands for.
  struct Part {
    Passage music;
    Latent latent;
  };
  int tonic = 0;
  std::set<int> pitch_classes;  // Those that the piece has.
  bool one_voice = false;
  std::vector<Part> parts;  // The piece's own, and then strangers' in its key.

  /// Strangers have so many notes a quarter, or as many as the model likes where it is 0.
  SteeringGround(const MusicVae& model, const Passage& piece, std::uint64_t seed,
                 const std::vector<double>& densities)
      : tonic(datasets::major_tonic(piece)),
        pitch_classes(pitch_classes_of(piece)),
        one_voice(!is_polyphonic(piece)) {
    gather(model, piece);
    for (const double density : densities) gather_stranger(model, piece, seed++, density);
  }

 private:
  void gather(const MusicVae& model, const Passage& music) {
    const auto latents = model.encode(music);
    auto cut = split_passages(music, model.bars_a_latent());
    for (std::size_t i = 0; i < cut.size(); ++i) parts.push_back({std::move(cut[i]), latents[i]});
  }

  void gather_stranger(const MusicVae& model, const Passage& piece, std::uint64_t seed,
                       double density) {
    const Passage layout = layout_of(piece);
    Constraints constraints;
    if (density > 0) {
      constraints.most_sounding = one_voice ? 1 : 0;
      constraints.notes_a_bar = density * quarters_a_bar(piece);
    }
    auto drawn = model.decode(model.draw_latents(layout, {1.0, seed, constraints}), layout,
                              {0, 1, 1, constraints});
    if (note_count(drawn) == 0) return;
    gather(model, moved_to_key_of(piece, std::move(drawn), model.codec().pitch_range()));
  }
};

namespace {

/// Music on its way to what is wanted, part by part.
class Search {
 public:
  Search(const MusicVae& model, const std::vector<Attribute>& attributes,
         const SteeringGround& ground, const Amounts& wanted)
      : model_(model),
        attributes_(attributes),
        ground_(ground),
        wanted_(wanted),
        direction_(direction_to(wanted, attributes)),
        label_wanted_(std::any_of(wanted.begin() + std::ptrdiff_t(measure_count()), wanted.end(),
                                  [](double amount) { return amount != 0; })),
        one_voice_(ground.one_voice && !(wanted[index_of("polyphony")] > 0) && !label_wanted_) {
    const double diatonic = wanted[index_of("diatonic")];
    if (diatonic == 0) classes_ = ground.pitch_classes;
    classes_elsewhere_ = diatonic > 0 ? scale_on(ground.tonic) : classes_;
    for (const auto& part : ground.parts) {
      Neighbour neighbour{&part, {}};
      neighbour.values = values_of(finished(part.music), part.latent);
      neighbours_.push_back(std::move(neighbour));
    }
  }

  /// The piece of the ground, with `bars` of it steered, or all where it is empty.
  Passage piece(const Passage& music, const std::vector<int>& bars) {
    const auto parts = split_passages(music, model_.bars_a_latent());
    std::map<std::vector<datasets::BarRows>, Latent, RowsLess> known;
    std::vector<Latent> chosen;
    int first = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const int end = first + static_cast<int>(parts[i].bars.size());
      const auto named = std::lower_bound(bars.begin(), bars.end(), first);
      const bool steered = bars.empty() || (named != bars.end() && *named < end);
      first = end;
      chosen.push_back(ground_.parts[i].latent);
      if (!steered) continue;
      const auto [place, is_new] = known.try_emplace(model_.codec().encode(parts[i]));
      if (is_new) place->second = best(parts[i], chosen.back());
      chosen.back() = place->second;
    }
    return changed_in(bars, music, finished(model_.decode(chosen, layout_of(music), {0})));
  }

  /// One part that is none of the ground's.
  Passage part(const Passage& music) {
    const Latent own = model_.encode(music).front();
    return finished(model_.decode({best(music, own)}, layout_of(music), {0}));
  }

 private:
  struct Neighbour {
    const SteeringGround::Part* part;
    Values values;
  };

  struct RowsLess {
    bool operator()(const std::vector<datasets::BarRows>& a,
                    const std::vector<datasets::BarRows>& b) const {
      return std::ranges::lexicographical_compare(a, b, [](const auto& x, const auto& y) {
        return std::tie(x.length, x.rows, x.values) < std::tie(y.length, y.rows, y.values);
      });
    }
  };

  static std::size_t measure_count() { return datasets::attribute_measures().size(); }

  /// Music as it would come out.
  Passage finished(Passage music) const {
    keep_to(classes_, music);
    return one_voice_ ? to_one_voice(std::move(music)) : music;
  }

  /// `latent` is that of the music; it is looked at where a label is wanted.
  Values values_of(const Passage& music, const Latent& latent) const {
    Values values(attributes_.size());
    const auto& measures = datasets::attribute_measures();
    for (std::size_t k = 0; k < measures.size(); ++k) {
      values[k] = measures[k].measure(music, ground_.tonic);
      if (values[k]) *values[k] /= attributes_[k].deviation;
    }
    for (std::size_t k = measures.size(); k < values.size(); ++k) {
      if (wanted_[k] != 0)
        values[k] = length_along(attributes_[k].vector, latent) / attributes_[k].deviation;
    }
    return values;
  }

  std::vector<Values> values_of_all(const std::vector<Passage>& all) const {
    const auto latents =
        label_wanted_ ? encode_means(model_.model(), all) : std::vector<Latent>(all.size());
    std::vector<Values> values;
    for (std::size_t i = 0; i < all.size(); ++i) values.push_back(values_of(all[i], latents[i]));
    return values;
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

  /// What it costs a part of the values `own` to become one of `values`. Where an attribute cannot
  /// be measured any more, it costs more than leaving it as it is.
  double cost(const Values& values, const Values& own, const Values& wanted) const {
    double sum = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (!wanted[k]) continue;
      const double other = label_wanted_ ? kBesideLabel : kOtherWeight;
      const double weight = wanted_[k] != 0 ? 1 : other;
      sum += weight * (values[k] ? squared(*values[k] - *wanted[k])
                                 : kUnknownCost + squared(*own[k] - *wanted[k]));
    }
    return sum;
  }

  /// The neighbours in bars of the same lengths that come nearest to what is wanted.
  std::vector<const Latent*> neighbours_for(const Passage& part, const Values& own,
                                            const Values& wanted) const {
    std::vector<std::pair<double, const Latent*>> all;
    for (const Neighbour& neighbour : neighbours_) {
      if (layout_of(neighbour.part->music) != layout_of(part)) continue;
      all.push_back({cost(neighbour.values, own, wanted), &neighbour.part->latent});
    }
    const auto count = std::min(kNeighbours, all.size());
    std::partial_sort(all.begin(), all.begin() + std::ptrdiff_t(count), all.end());
    std::vector<const Latent*> nearest;
    for (std::size_t i = 0; i < count; ++i) nearest.push_back(all[i].second);
    return nearest;
  }

  /// The part as it is and in other registers, in its key, or kept to its scale where more of that
  /// is wanted.
  std::vector<Passage> moved_within_key(const Passage& part) const {
    const auto [low, high] = model_.codec().pitch_range();
    std::vector<Passage> all;
    for (const int semitones : kRegisters) {
      Passage moved = part;
      for (auto& bar : moved.bars) {
        for (auto& note : bar.notes) {
          if (!note.drum) note.pitch = std::uint8_t(std::clamp(note.pitch + semitones, low, high));
        }
      }
      keep_to(classes_elsewhere_, moved);
      all.push_back(std::move(moved));
    }
    return all;
  }

  std::vector<Latent> candidates(const Passage& part, const Latent& own, const Values& values,
                                 const Values& wanted) const {
    std::vector<Latent> latents{own};
    for (const double length : kLengths) latents.push_back(plus(own, direction_, length));
    for (const Latent* neighbour : neighbours_for(part, values, wanted)) {
      for (const double t : kTowards) latents.push_back(slerp(own, *neighbour, t));
    }
    for (const Latent& there : encode_means(model_.model(), moved_within_key(part))) {
      latents.push_back(slerp(own, there, 0.5));
      latents.push_back(there);
    }
    return latents;
  }

  /// The candidate that costs least.
  Latent best(const Passage& own, const Latent& own_latent) {
    if (note_count(own) == 0) return own_latent;
    const Values before = values_of(own, own_latent), wanted = wanted_of(before);
    const auto latents = candidates(own, own_latent, before, wanted);
    const std::vector<Passage> layouts(latents.size(), layout_of(own));
    auto made = generate(model_.model(), latents, layouts, {0});
    for (Passage& music : made) music = finished(std::move(music));
    const auto values = values_of_all(made);
    std::size_t chosen = 0;
    double least = 0;
    for (std::size_t i = 0; i < latents.size(); ++i) {
      const double f1 = note_f1_in({}, own, made[i]);
      const double total = cost(values[i], before, wanted) + kNotesWeight * squared(1 - f1);
      if (i > 0 && total >= least) continue;
      chosen = i;
      least = total;
    }
    owed_.resize(wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      if (wanted[k] && values[chosen][k]) owed_[k] = *wanted[k] - *values[chosen][k];
    }
    return latents[chosen];
  }

  const MusicVae& model_;
  const std::vector<Attribute>& attributes_;
  const SteeringGround& ground_;
  const Amounts& wanted_;
  Latent direction_;
  bool label_wanted_, one_voice_;
  std::set<int> classes_;            // Pitch classes that new notes keep to, if any.
  std::set<int> classes_elsewhere_;  // The same for moved bars.
  std::vector<Neighbour> neighbours_;
  Amounts owed_;
};

/// Strangers of all densities, as it is not known what will be wanted.
std::vector<double> live_densities(const MusicVae& model) {
  if (!counts_notes(model)) return std::vector<double>(kStrangers, 0.0);
  return {0, 0, 0, 0, 0, 0, 0.5, 1, 2, 3, 4, 5, 6};
}

}  // namespace

Steering::Steering(const MusicVae& model, const AttributeSet& attributes,
                   const std::vector<AttributeRequest>& requests, std::uint64_t seed)
    : model_(model), attributes_(attributes.all()), wanted_(attributes_.size()), seed_(seed) {
  for (const auto& request : requests) wanted_[attributes.index(request.name)] += request.amount;
}

Passage Steering::operator()(const Passage& music, const std::vector<int>& bars) const {
  if (note_count(music) == 0) return music;
  std::vector<double> densities(kStrangers, 0.0);
  const std::size_t density = index_of("density");
  if (wanted_[density] != 0 && counts_notes(model_)) {
    const double own =
        double(note_count(music)) / double(music.bars.size()) / quarters_a_bar(music);
    densities.resize(kStrangers + kDense,
                     std::max(own + wanted_[density] * attributes_[density].deviation, kSparsest));
  }
  const SteeringGround ground(model_, music, seed_, densities);
  return Search(model_, attributes_, ground, wanted_).piece(music, bars);
}

BarSteering::BarSteering(const MusicVae& model, const AttributeSet& attributes,
                         const Passage& piece, std::uint64_t seed)
    : model_(model),
      attributes_(attributes.all()),
      ground_(std::make_shared<const SteeringGround>(model, piece, seed, live_densities(model))) {}

Passage BarSteering::operator()(const Passage& music, const std::vector<double>& wanted) const {
  if (note_count(music) == 0) return music;
  return Search(model_, attributes_, *ground_, wanted).part(music);
}

}  // namespace musicvae
