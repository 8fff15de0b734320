#include "src/music/palette/palette.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>

#include "src/base/error.hpp"
#include "src/music/generation.hpp"
#include "src/music/latent_way.hpp"
#include "src/music/palette/variation.hpp"
#include "src/music/score_joining.hpp"

namespace musicvae {
namespace {

using datasets::Passage;
using midi::Ticks;

double distance(const PalettePoint& a, const PalettePoint& b) {
  return std::hypot(b.x - a.x, b.y - a.y);
}

std::string marker_text(const PalettePoint& place) {
  char text[64];
  std::snprintf(text, sizeof text, "x = %.2f, y = %.2f", place.x, place.y);
  return text;
}

/// Consecutive bars that are nearest to one corner.
struct Segment {
  std::size_t first = 0;
  std::size_t end = 0;
  std::size_t corner = 0;
};

std::vector<Segment> segments_of(const std::vector<PalettePoint>& places) {
  std::vector<Segment> segments;
  for (std::size_t bar = 0; bar < places.size(); ++bar) {
    const std::size_t corner = nearest_corner(places[bar]);
    if (segments.empty() || segments.back().corner != corner)
      segments.push_back({bar, bar, corner});
    segments.back().end = bar + 1;
  }
  return segments;
}

/// The changes from tick `first` on, moved to begin at 0, and the one that is in force there.
template <class Change>
std::vector<Change> from_tick(const std::vector<Change>& changes, Ticks first) {
  std::vector<Change> later;
  for (Change change : changes) {
    if (change.time <= first) later.clear();
    change.time = std::max(change.time - first, Ticks(0));
    later.push_back(change);
  }
  return later;
}

/// The piece as if it began at bar `first`; it goes round.
datasets::Piece turned_to(datasets::Piece piece, std::size_t first) {
  auto& bars = piece.music.bars;
  const auto begin = static_cast<std::ptrdiff_t>(first % bars.size());
  std::rotate(bars.begin(), bars.begin() + begin, bars.end());
  return piece;
}

/// What is in force at `time`; the list begins at 0.
template <class Change>
const Change& at_time(const std::vector<Change>& changes, Ticks time) {
  const auto after = std::upper_bound(changes.begin(), changes.end(), time,
                                      [](Ticks t, const Change& c) { return t < c.time; });
  return *std::prev(after);
}

/// The tempos of all sources, weighted bar by bar in quarters a minute.
std::vector<midi::Tempo> weighted_tempos(const PaletteMusic& made, const BarTicks& to,
                                         std::span<const Source, kCorners> sources) {
  std::vector<std::vector<midi::Tempo>> tempos;
  std::vector<Ticks> times(to.begin(), to.end() - 1);
  for (const Source& source : sources) {
    tempos.push_back(tempos_over(source, to));
    for (const auto& tempo : tempos.back()) times.push_back(tempo.time);
  }
  std::sort(times.begin(), times.end());
  std::vector<midi::Tempo> weighted;
  for (const Ticks time : times) {
    const auto bar = std::upper_bound(to.begin(), to.end() - 1, time) - to.begin() - 1;
    const auto weights = corner_weights(made.places[std::size_t(bar)]);
    double rate = 0;
    for (std::size_t i = 0; i < kCorners; ++i) {
      rate += weights[i] / std::max(at_time(tempos[i], time).microseconds_per_quarter, 1U);
    }
    const midi::Tempo tempo = tempo_at(time, 1 / rate);
    const bool is_new = weighted.empty() ||
                        weighted.back().microseconds_per_quarter != tempo.microseconds_per_quarter;
    if (is_new) weighted.push_back(tempo);
  }
  return weighted;
}

/// Moves a piece to the key of another, which is stated in its place.
void move_to_key(const Source& of, Source& source, const datasets::Codec& codec) {
  auto& music = source.piece.music;
  music = moved_to_key_of(of.piece.music, std::move(music), codec.pitch_range());
  source.file.score.keys = midi::in_force(of.file.score.keys);
  if (source.file.score.keys.size() > 1) source.file.score.keys.resize(1);
}

int resolution_of(std::span<const Source, kCorners> sources) {
  std::array<const Source*, kCorners> all{};
  for (std::size_t i = 0; i < kCorners; ++i) all[i] = &sources[i];
  return common_resolution(all);
}

/// Adds the music to a score, segment by segment, under one marker.
void add(const PaletteMusic& made, std::span<const Source, kCorners> sources, int ticks,
         const std::string& marker, bool is_last, ScoreJoiner& joiner) {
  const BarTicks to = bar_ticks(made.music, ticks);
  const auto tempos = weighted_tempos(made, to, sources);
  for (const Segment& segment : segments_of(made.places)) {
    const Source& near = sources[segment.corner];
    datasets::ScoreStyle style = near.style;
    style.ticks_per_quarter = ticks;
    style.tempos = from_tick(tempos, to[segment.first]);
    style.keys = from_tick(keys_over(near, to), to[segment.first]);
    const Passage bars =
        datasets::slice(made.music, int(segment.first), int(segment.end - segment.first));
    const auto cast = datasets::cast_parts(bars, turned_to(near.piece, segment.first));
    joiner.add(datasets::to_score(cast, style), style.parts, segment.first == 0 ? marker : "",
               to[segment.end] - to[segment.first], is_last && segment.end + 1 == to.size());
  }
}

}  // namespace

std::array<double, kCorners> corner_weights(const PalettePoint& place) {
  const auto [x, y] = place;
  return {(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y};
}

std::size_t nearest_corner(const PalettePoint& place) {
  return (place.x < 0.5 ? 0 : 1) + (place.y < 0.5 ? 0 : 2);
}

std::vector<PalettePoint> along(std::span<const PalettePoint> points, std::size_t count) {
  std::vector<double> way{0};  // How far each point lies from the start.
  for (std::size_t i = 1; i < points.size(); ++i) {
    way.push_back(way.back() + distance(points[i - 1], points[i]));
  }
  std::vector<PalettePoint> places;
  std::size_t next = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const double here = count == 1 ? 0 : way.back() * double(i) / double(count - 1);
    while (next + 1 < points.size() && way[next] < here) ++next;
    const double length = way[next] - way[next - 1];
    const double share = length > 0 ? std::min((here - way[next - 1]) / length, 1.0) : 0;
    const auto &a = points[next - 1], &b = points[next];
    places.push_back({a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)});
  }
  return places;
}

Palette::Palette(const MusicVae& model, const std::array<Passage, kCorners>& pieces,
                 datasets::Dropped* dropped)
    : model_(model), one_voice_(std::none_of(pieces.begin(), pieces.end(), is_polyphonic)) {
  for (std::size_t i = 0; i < kCorners; ++i) {
    if (pieces[i].bars.empty()) throw Error("a piece without bars has no place on a palette");
    corners_[i] = {
        split_passages(pieces[i], model.bars_a_latent()), model.encode(pieces[i], dropped), {}};
    classes_[i] = pitch_class_shares(pieces[i]);
    for (const Passage& part : corners_[i].parts) {
      corners_[i].begun.push_back(notes_begun(model.codec(), part));
    }
  }
}

PaletteMusic Palette::at(const PalettePoint& place, const GenerationOptions& options) const {
  return made(std::vector<PalettePoint>(latents(), place), options);
}

PaletteMusic Palette::along_path(std::span<const PalettePoint> points,
                                 const GenerationOptions& options) const {
  return made(along(points, latents()), options);
}

std::size_t Palette::latents() const {
  std::size_t most = 0;
  for (const Corner& corner : corners_) most = std::max(most, corner.latents.size());
  return most;
}

Latent Palette::latent(std::size_t index, const PalettePoint& place) const {
  const auto of = [&](std::size_t corner) -> const Latent& {
    const auto& latents = corners_[corner].latents;
    return latents[index % latents.size()];
  };
  const double x = even_pace(model_, place.x), y = even_pace(model_, place.y);
  return slerp(slerp(of(0), of(1), x), slerp(of(2), of(3), x), y);
}

const Passage& Palette::layout(std::size_t index, const PalettePoint& place) const {
  const auto& parts = corners_[nearest_corner(place)].parts;
  return parts[index % parts.size()];
}

/// How many notes are to have begun there, so that no place thins out or has those of all corners.
NotesBegun Palette::begun(std::size_t index, const PalettePoint& place) const {
  const auto weights = corner_weights(place);
  const auto part = [&](std::size_t corner) -> const NotesBegun& {
    const auto& parts = corners_[corner].begun;
    return parts[index % parts.size()];
  };
  const NotesBegun& near = part(nearest_corner(place));
  NotesBegun between;
  for (std::size_t bar = 0; bar < near.size(); ++bar) {
    std::vector<WeightedBar> bars;
    for (std::size_t i = 0; i < kCorners; ++i) {
      if (bar < part(i).size()) bars.push_back({&part(i)[bar], weights[i]});
    }
    between.push_back(notes_between(bars, near[bar].size()));
  }
  return between;
}

PaletteMusic Palette::made(const std::vector<PalettePoint>& places,
                           const GenerationOptions& options) const {
  PaletteMusic result;
  std::vector<Latent> latents;
  std::vector<Passage> layouts;
  auto generation = options;
  auto& constraints = generation.constraints;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto own = begun(i, places[i]);
    constraints.notes_begun.insert(constraints.notes_begun.end(), own.begin(), own.end());
    latents.push_back(latent(i, places[i]));
    layouts.push_back(layout_of(layout(i, places[i])));
    constraints.leanings.insert(constraints.leanings.end(), own.size(),
                                leaning_between(classes_, corner_weights(places[i])));
    result.places.insert(result.places.end(), layouts.back().bars.size(), places[i]);
  }
  if (model_.has_bar_latents()) layouts = {join_passages(layouts)};
  result.music = join_passages(generate(model_.model(), latents, layouts, generation));
  if (one_voice_) result.music = to_one_voice(std::move(result.music));
  return result;
}

std::vector<Source> palette_sources(std::vector<Source> sources, int bars, bool same_key,
                                    const datasets::Codec& codec) {
  for (Source& source : sources) {
    Passage& music = source.piece.music;
    if (bars > 0) music = repeat_or_cut(music, bars);
    require_notes(source.path, music, codec);
    if (same_key && &source != &sources.front()) move_to_key(sources.front(), source, codec);
  }
  return sources;
}

midi::Score score_of_palette(const PaletteMusic& made, std::span<const Source, kCorners> sources) {
  const int ticks = resolution_of(sources);
  ScoreJoiner joiner(ticks);
  add(made, sources, ticks, "", true, joiner);
  return joiner.take();
}

midi::Score join_palette(std::span<const PaletteMusic> made,
                         std::span<const Source, kCorners> sources) {
  const int ticks = resolution_of(sources);
  ScoreJoiner joiner(ticks);
  for (std::size_t i = 0; i < made.size(); ++i) {
    add(made[i], sources, ticks, marker_text(made[i].places.front()), i + 1 == made.size(), joiner);
  }
  return joiner.take();
}

}  // namespace musicvae
