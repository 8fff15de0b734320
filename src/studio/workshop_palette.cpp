#include <span>
#include <utility>

#include "src/studio/made.hpp"
#include "src/studio/piece_json.hpp"
#include "src/studio/workshop.hpp"

namespace musicvae::studio {
namespace {

constexpr int kMostCells = 12;  // In a row.
constexpr int kMostBars = 1000;
constexpr std::size_t kMostPoints = 1000;  // As `grid` has it.

std::string text_of(const PalettePoint& point) {
  return short_number(point.x) + "," + short_number(point.y);
}

/// As --path takes them. A single point is a path that stays where it is.
std::string text_of(const std::vector<PalettePoint>& points) {
  std::string text;
  for (const PalettePoint& point : points) text += (text.empty() ? "" : ";") + text_of(point);
  return points.size() == 1 ? text + ";" + text : text;
}

/// What all commands on a palette begin with.
Origin origin_of(const PaletteRequest& request) {
  Origin origin("grid");
  for (const auto& corner : request.corners) origin.add_word(word_of(*corner));
  if (request.bars > 0) origin.add("--bars", std::to_string(request.bars));
  if (request.same_key) origin.add("--same-key", std::vector<std::string>());
  if (request.generation.temperature > 0) {
    origin.add("--temperature", short_number(request.generation.temperature));
  }
  origin.add("--model", request.model);
  origin.add("--seed", std::to_string(request.generation.seed));
  return origin;
}

std::string name_of(const PaletteRequest& request) {
  return stem(*request.corners[0]) + "-palette";
}

std::string key_of(const PaletteRequest& request) {
  std::string key = request.model + (request.same_key ? " =" : " ") + std::to_string(request.bars);
  for (const auto& corner : request.corners) key += " " + corner->id;
  return key;
}

std::span<const Source, kCorners> all(const std::vector<Source>& sources) {
  return std::span<const Source, kCorners>(sources);
}

std::vector<PalettePoint> points_of(const Fields& fields) {
  std::vector<PalettePoint> points;
  for (const auto& [x, y] : fields.points("points", kMostPoints)) {
    points.push_back({x, y});
  }
  return points;
}

}  // namespace

PaletteRequest palette_request(const Fields& fields, Pieces& pieces, const std::string& model) {
  PaletteRequest request;
  const auto corners = fields.texts("corners", kCorners);
  for (std::size_t i = 0; i < kCorners; ++i) request.corners[i] = pieces.find(corners[i]);
  request.model = model;
  request.size = fields.number("size", 2, kMostCells, request.size);
  request.bars = fields.number("bars", 0, kMostBars, 0);
  request.same_key = fields.flag("same_key");
  request.points = points_of(fields);
  request.generation.temperature = fields.real("temperature", 0, 10).value_or(0);
  const bool chance = request.generation.temperature > 0;
  request.generation.seed = fields.seed("seed").value_or(chance ? new_seed() : 1);
  return request;
}

const Workshop::KeptPalette& Workshop::palette_for(const PaletteRequest& request) {
  const std::string key = key_of(request);
  if (palette_ && palette_->key == key) return *palette_;
  const MusicVae& model = model_named(request.model);
  std::vector<Source> sources;
  for (const auto& corner : request.corners) sources.push_back(source_of(corner, model.codec()));
  sources = palette_sources(std::move(sources), request.bars, request.same_key, model.codec());
  std::array<datasets::Passage, kCorners> music;
  for (std::size_t i = 0; i < kCorners; ++i) music[i] = sources[i].piece.music;
  Palette palette(model, music);
  palette_.emplace(KeptPalette{key, std::move(sources), std::move(palette)});
  return *palette_;
}

void Workshop::make_palette(const PaletteRequest& request, Job& job) {
  const KeptPalette& kept = palette_for(request);
  Origin origin = origin_of(request);
  origin.add("--size", std::to_string(request.size));
  const std::string name = name_of(request);
  const double last = request.size - 1;
  for (int index = 0; index < request.size * request.size && !job.is_unwanted(); ++index) {
    const PalettePoint place{index % request.size / last, index / request.size / last};
    const auto cell = kept.palette.at(place, for_batch(request.generation, index));
    const std::string file = numbered("cell-%02d.mid", index + 1);
    const auto piece =
        pieces_.add_made(made(score_of_palette(cell, all(kept.sources)),
                              {origin, name + "/", name + "/" + file}, name + "-" + file));
    job.tell("cell",
             {{"index", index}, {"x", place.x}, {"y", place.y}, {"piece", to_json(*piece)}});
  }
}

nlohmann::json Workshop::make_on_palette(const PaletteRequest& request) {
  const KeptPalette& kept = palette_for(request);
  std::vector<PalettePoint> points = request.points;
  if (points.size() == 1) points.push_back(points.front());
  const auto music = kept.palette.along_path(points, request.generation);
  Origin origin = origin_of(request);
  origin.add("--path", text_of(request.points));
  const bool one = request.points.size() == 1;
  const std::string file =
      name_of(request) + (one ? "-at-" + text_of(request.points.front()) : "-path") + ".mid";
  const auto piece = pieces_.add_made(
      made(score_of_palette(music, all(kept.sources)), {origin, file, file}, file));
  auto places = nlohmann::json::array();
  for (const PalettePoint& place : music.places) places.push_back({place.x, place.y});
  return {{"piece", to_json(*piece)}, {"places", std::move(places)}};
}

}  // namespace musicvae::studio
