#include "src/music/palette/variation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "datasets/metrics/key_finding.hpp"
#include "datasets/metrics/note_metrics.hpp"
#include "datasets/metrics/pitch_classes.hpp"
#include "src/base/error.hpp"

namespace musicvae {
namespace {

using datasets::GridNote;
using datasets::Passage;

constexpr int kOctave = 12;
constexpr int kAttempts = 8;            // At music in the key of the piece.
constexpr int kHalvings = 8;            // How often the way is halved to find a point on it.
constexpr double kCloseEnough = 0.004;  // In note F1: less than a note of most pieces.

Passage moved(Passage music, int semitones, std::pair<int, int> range) {
  for (auto& bar : music.bars) {
    for (GridNote& note : bar.notes) {
      if (note.drum) continue;
      int pitch = note.pitch + semitones;
      while (pitch < range.first) pitch += kOctave;
      while (pitch > range.second) pitch -= kOctave;
      note.pitch = static_cast<std::uint8_t>(pitch);
    }
  }
  return music;
}

std::optional<double> mean_pitch(const Passage& music) {
  double sum = 0;
  int notes = 0;
  for (const auto& bar : music.bars) {
    for (const GridNote& note : bar.notes) {
      if (note.drum) continue;
      sum += note.pitch;
      ++notes;
    }
  }
  return notes == 0 ? std::nullopt : std::optional(sum / notes);
}

/// Octaves, in semitones, from the register of `music` to that of `like`, were it `moved` semitones
/// higher.
int octaves_between(const Passage& like, const Passage& music, int moved) {
  const auto there = mean_pitch(like), here = mean_pitch(music);
  return there && here ? kOctave * int(std::lround((*there - *here - moved) / kOctave)) : 0;
}

Passage only_bars(const std::vector<int>& bars, const Passage& music) {
  Passage some{music.grid, {}};
  for (const int bar : bars) some.bars.push_back(music.bars[std::size_t(bar)]);
  return some;
}

/// For each latent of the piece the first one that stands for the same rows: itself, or an earlier
/// one that it repeats.
std::vector<std::size_t> first_of_each(const MusicVae& model, const Passage& piece) {
  const auto rows = model.codec().encode(piece);
  const auto bars = static_cast<std::size_t>(model.bars_a_latent());
  const std::size_t latents = (rows.size() + bars - 1) / bars;
  const auto part = [&](std::size_t latent) {
    const std::size_t first = latent * bars;
    return std::span(rows).subspan(first, std::min(bars, rows.size() - first));
  };
  std::vector<std::size_t> firsts;
  for (std::size_t latent = 0; latent < latents; ++latent) {
    std::size_t first = 0;
    while (!std::ranges::equal(part(first), part(latent))) ++first;
    firsts.push_back(first);
  }
  return firsts;
}

/// The way from one piece to a stranger.
class WayToStranger {
 public:
  WayToStranger(const MusicVae& model, const Passage& piece, const VariationOptions& options,
                datasets::Dropped* dropped)
      : model_(model),
        piece_(piece),
        options_(options),
        one_voice_(!is_polyphonic(piece)),
        start_(model.encode(piece, dropped)) {
    check_bars();
    end_ = stranger();
  }

  /// The music at `t`. Bars that are not to be varied are the piece's own.
  Variation at(double t) const {
    std::vector<Latent> latents;
    for (std::size_t i = 0; i < start_.size(); ++i) latents.push_back(slerp(start_[i], end_[i], t));
    Passage music = model_.decode(latents, piece_, options_.generation);
    if (one_voice_) music = to_one_voice(std::move(music));
    const double f1 = note_f1_in(options_.bars, piece_, music);
    return {changed_in(options_.bars, piece_, std::move(music)), f1, t};
  }

  /// The point at which the note F1 is `wanted`, or nearly so.
  Variation where_f1_is(double wanted) const {
    double low = 0, high = 1;
    Variation best = at(0);
    for (int i = 0; i < kHalvings; ++i) {
      Variation middle = at((low + high) / 2);
      (middle.note_f1 > wanted ? low : high) = middle.t;
      if (std::abs(middle.note_f1 - wanted) < std::abs(best.note_f1 - wanted)) {
        best = std::move(middle);
      }
      if (std::abs(best.note_f1 - wanted) < kCloseEnough) break;
    }
    return best;
  }

 private:
  void check_bars() const {
    for (const int bar : options_.bars) {
      if (bar >= 0 && static_cast<std::size_t>(bar) < piece_.bars.size()) continue;
      throw Error("there is no bar of index " + std::to_string(bar) + " in a piece of " +
                  std::to_string(piece_.bars.size()) + " bars");
    }
  }

  /// Music that the model makes up, in the key of the piece if one of a few tries is. Where
  /// constraints name pitches, it is drawn under them, and the key is the one that they leave.
  std::vector<Latent> stranger() const {
    const Passage layout = layout_of(piece_);
    const Constraints& constraints = options_.generation.constraints;
    const bool free = constraints.pitches.empty();
    const Passage like = free ? piece_ : model_.decode(start_, piece_, options_.generation);
    const auto key = datasets::find_key(like);
    const auto range = model_.codec().pitch_range();
    std::vector<Latent> latents;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const auto generation = for_batch(options_.generation, attempt);
      auto drawn = model_.draw_latents(
          layout, {generation.latent_temperature, generation.seed, constraints});
      Passage music = model_.decode(drawn, layout, generation);
      const bool sounds = note_count(music) > 0;
      if (sounds) {
        music = free ? moved_to_key_of(like, std::move(music), range)
                     : moved_to_register_of(like, std::move(music), range);
        drawn = model_.encode(music);
      }
      const bool in_key = sounds && datasets::find_key(music) == key;
      if (latents.empty() || in_key) latents = std::move(drawn);
      if (in_key) break;
    }
    const auto firsts = first_of_each(model_, piece_);
    for (std::size_t i = 0; i < latents.size(); ++i) latents[i] = latents[firsts[i]];
    return latents;
  }

  const MusicVae& model_;
  const Passage& piece_;
  const VariationOptions& options_;
  bool one_voice_;
  std::vector<Latent> start_, end_;
};

}  // namespace

Variation vary(const MusicVae& model, const Passage& piece, const VariationOptions& options,
               datasets::Dropped* dropped) {
  const WayToStranger way(model, piece, options, dropped);
  Variation self = way.at(0);
  if (options.similarity >= 1) return self;
  Variation stranger = way.at(1);
  if (options.similarity <= 0) return stranger;
  return way.where_f1_is(stranger.note_f1 + options.similarity * (self.note_f1 - stranger.note_f1));
}

double note_f1_in(const std::vector<int>& bars, const Passage& piece, const Passage& music) {
  const bool all = bars.empty();
  const auto matches =
      all ? datasets::count_matches(piece, music)
          : datasets::count_matches(only_bars(bars, piece), only_bars(bars, music));
  return datasets::onset_pitch_score(matches).f1;
}

Passage changed_in(const std::vector<int>& bars, const Passage& piece, Passage music) {
  if (bars.empty()) return music;
  for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
    const bool changed = std::binary_search(bars.begin(), bars.end(), int(bar));
    if (!changed) music.bars[bar].notes = piece.bars[bar].notes;
  }
  return music;
}

Passage moved_to_register_of(const Passage& like, Passage music, std::pair<int, int> range) {
  const int octaves = octaves_between(like, music, 0);
  return moved(std::move(music), octaves, range);
}

Passage moved_to_key_of(const Passage& like, Passage music, std::pair<int, int> range) {
  int best = 0;
  double least = 2;  // No distance is larger than 1.
  for (const int semitones : {0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6}) {
    const double distance = datasets::pitch_class_distance(moved(music, semitones, range), like,
                                                           datasets::NoteWeight::kDuration);
    if (distance >= least) continue;
    least = distance;
    best = semitones;
  }
  best += octaves_between(like, music, best);
  return moved(std::move(music), best, range);
}

Passage to_one_voice(Passage music) {
  std::optional<int> before;
  GridNote* sounding = nullptr;
  datasets::Steps bar_start, sounding_start;
  for (auto& bar : music.bars) {
    std::vector<GridNote> line;
    for (const GridNote& note : bar.notes) {
      const auto leap = [&](const GridNote& to) {
        return before ? std::abs(to.pitch - *before) : -int(to.pitch);
      };
      if (line.empty() || line.back().onset != note.onset) {
        if (!line.empty()) before = line.back().pitch;
        line.push_back(note);
      } else if (leap(note) < leap(line.back())) {
        line.back() = note;
      }
    }
    if (!line.empty()) before = line.back().pitch;
    bar.notes = std::move(line);
    for (GridNote& note : bar.notes) {
      const auto start = bar_start + note.onset;
      if (sounding) sounding->duration = std::min(sounding->duration, start - sounding_start);
      sounding = &note;
      sounding_start = start;
    }
    bar_start += bar.length;
  }
  return music;
}

}  // namespace musicvae
