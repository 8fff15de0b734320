#include "src/music/palette/similarity.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "src/base/error.hpp"
#include "src/music/passages.hpp"

namespace musicvae {
namespace {

using datasets::Passage;

double dot(const Latent& a, const Latent& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

Latent of_length_one(Latent latent) {
  const auto length = static_cast<float>(std::sqrt(dot(latent, latent)));
  for (float& value : latent) value /= std::max(length, 1e-12F);
  return latent;
}

/// The piece moved by `semitones`. Nothing where a note would leave the range.
std::optional<Passage> moved(Passage piece, int semitones, std::pair<int, int> range) {
  for (auto& bar : piece.bars) {
    for (auto& note : bar.notes) {
      if (note.drum) continue;
      const int pitch = note.pitch + semitones;
      if (pitch < range.first || pitch > range.second) return std::nullopt;
      note.pitch = static_cast<std::uint8_t>(pitch);
    }
  }
  return piece;
}

/// Puts `found` in its place among those kept, of which there are at most `most`.
template <class Found>
void keep(std::vector<Found>& kept, Found found, std::size_t most) {
  const auto place =
      std::upper_bound(kept.begin(), kept.end(), found,
                       [](const Found& a, const Found& b) { return a.similarity > b.similarity; });
  kept.insert(place, std::move(found));
  if (kept.size() > most) kept.pop_back();
}

}  // namespace

SimilaritySearch::SimilaritySearch(const MusicVae& model, const Passage& piece,
                                   const SimilarityOptions& options)
    : model_(model), options_(options) {
  for (const int semitones : {0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6}) {
    if (const auto music = moved(piece, semitones, model.codec().pitch_range())) {
      questions_.push_back({semitones, directions(*music)});
    }
    if (!options.any_key) break;
  }
  // A piece with notes that the codec leaves out is compared as it is.
  if (questions_.empty()) questions_.push_back({0, directions(piece)});
  if (questions_.front().own.latents.empty()) throw Error("there are no notes to compare");
}

SimilaritySearch::Directions SimilaritySearch::directions(const Passage& piece) const {
  const auto latents = model_.encode(piece);
  const auto parts = split_passages(piece, model_.bars_a_latent());
  Directions directions;
  for (std::size_t i = 0; i < latents.size(); ++i) {
    if (note_count(parts[i]) == 0) continue;
    directions.latents.push_back(of_length_one(latents[i]));
    directions.bars.push_back(i * std::size_t(model_.bars_a_latent()));
  }
  return directions;
}

void SimilaritySearch::add(const std::string& name, const Passage& piece) {
  const Directions there = directions(piece);
  if (there.latents.empty()) return;
  SimilarPiece best{name, -1, 0};
  std::vector<SimilarPlace> places;
  for (const Question& question : questions_) {
    const auto& own = question.own;
    std::vector<double> nearest_there(there.latents.size(), -1);
    std::vector<SimilarPlace> found;
    double sum = 0;
    for (std::size_t i = 0; i < own.latents.size(); ++i) {
      SimilarPlace place{name, 0, own.bars[i], -1, question.semitones};
      for (std::size_t j = 0; j < there.latents.size(); ++j) {
        const double cosine = dot(own.latents[i], there.latents[j]);
        nearest_there[j] = std::max(nearest_there[j], cosine);
        if (cosine <= place.similarity) continue;
        place.similarity = cosine;
        place.bar = there.bars[j];
      }
      sum += place.similarity / double(own.latents.size());
      found.push_back(place);
    }
    for (const double cosine : nearest_there) sum += cosine / double(nearest_there.size());
    if (sum / 2 <= best.similarity) continue;
    best = {name, sum / 2, question.semitones};
    places = std::move(found);
  }
  keep(pieces_, std::move(best), options_.pieces);
  for (const SimilarPlace& place : places) keep(places_, place, options_.bars);
}

}  // namespace musicvae
