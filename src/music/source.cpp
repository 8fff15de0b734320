#include "src/music/source.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "midi/file/writer.hpp"
#include "src/base/error.hpp"
#include "src/music/passages.hpp"

namespace musicvae {
namespace {

bool is_drums(const datasets::Passage& music) {
  return std::all_of(music.bars.begin(), music.bars.end(), [](const datasets::Bar& bar) {
    return std::all_of(bar.notes.begin(), bar.notes.end(),
                       [](const datasets::GridNote& note) { return note.drum; });
  });
}

}  // namespace

Source make_source(const std::string& path, midi::ReadResult file, const datasets::Grid& grid,
                   const datasets::QuantizeOptions& options) {
  Source source;
  source.path = path;
  source.file = std::move(file);
  try {
    source.piece = datasets::quantize(source.file.score, grid, options);
  } catch (const datasets::DatasetError& error) {
    throw Error(path + ": " + error.what());
  }
  source.piece.name = path;
  source.style = datasets::style_of(source.file.score, source.piece);
  return source;
}

Source make_source(const std::string& path, midi::ReadResult file, const datasets::Codec& codec,
                   const datasets::QuantizeOptions& options) {
  Source source = make_source(path, std::move(file), codec.grid(), options);
  const auto& bars = source.piece.music.bars;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (codec.can_encode(bars[i].length)) continue;
    throw Error(path + ": bar " + std::to_string(source.piece.first_bar() + int(i)) + " (" +
                describe(bars[i].meter) + ") is of " + std::to_string(bars[i].length.count) +
                " steps, and bars of the codec '" + std::string(codec.name()) + "' have up to " +
                std::to_string(codec.longest_bar().count) + "; cut the piece or use another model");
  }
  require_notes(path, source.piece.music, codec);
  return source;
}

void require_notes(const std::string& what, const datasets::Passage& music,
                   const datasets::Codec& codec) {
  datasets::Dropped dropped;
  codec.encode(music, &dropped);
  const std::size_t notes = note_count(music);
  if (datasets::dropped_notes(dropped) < notes) return;
  std::string but;
  if (notes > 0) but = is_drums(music) ? " but drums" : " that the model knows";
  throw Error(what + ": there are no notes in it" + but);
}

Source load_source(const std::string& path, const datasets::Grid& grid,
                   const datasets::QuantizeOptions& options) {
  return make_source(path, midi::read_midi_file(path), grid, options);
}

Source load_source(const std::string& path, const datasets::Codec& codec,
                   const datasets::QuantizeOptions& options) {
  return make_source(path, midi::read_midi_file(path), codec, options);
}

Source first_bars(Source source, int bars, const datasets::Codec& codec) {
  auto& music = source.piece.music;
  if (bars == 0 || bars >= static_cast<int>(music.bars.size())) return source;
  music = datasets::slice(music, 0, bars);
  require_notes(source.path + ", cut to bar " + std::to_string(bars), music, codec);
  return source;
}

std::vector<std::string> notices(const Source& source) {
  std::vector<std::string> lines;
  for (const auto& warning : source.file.warnings) {
    lines.push_back(source.path + ": " + warning.message + " (byte " +
                    std::to_string(warning.offset) + ")");
  }
  if (source.piece.guess.any()) {
    lines.push_back(source.path + ": " + describe(source.piece.guess));
  }
  const auto& report = source.piece.report;
  if (report.is_performed()) {
    lines.push_back(source.path + ": a performance: only " +
                    std::to_string(std::lround(100 * report.on_grid_share())) +
                    " % of its notes start on the grid, so its bars cannot be trusted");
  }
  if (report.off_grid_bars > 0) {
    lines.push_back(source.path + ": " + std::to_string(report.off_grid_bars) +
                    " bars have a meter that is not a whole number of steps");
  }
  return lines;
}

std::string describe(const datasets::BarGuess& guess) {
  if (!guess.any()) return {};
  std::string text = "it states no meter; ";
  if (guess.accents) text += "its bar lines were guessed from its loudest notes";
  if (guess.accents && guess.upbeat) text += ", and ";
  if (guess.upbeat) text += "its first bar was guessed to be an upbeat, and counts as bar 0";
  return text;
}

std::vector<std::string> describe(const datasets::Dropped& dropped) {
  std::vector<std::string> lines;
  for (const auto& [reason, count] : dropped) {
    lines.push_back(std::to_string(count) + (count == 1 ? " note " : " notes ") +
                    (datasets::is_shortening(reason) ? "" : "dropped: ") + reason);
  }
  return lines;
}

void write_music(const datasets::Passage& music, const datasets::ScoreStyle& style,
                 const std::string& path) {
  midi::write_midi_file(datasets::to_score(music, style), path);
}

std::string describe(const midi::Meter& meter) {
  return std::to_string(meter.numerator) + "/" + std::to_string(meter.denominator);
}

std::optional<midi::Meter> meter_from(const std::string& text) {
  int numerator = 0, denominator = 0, end = 0;
  const bool parsed = std::sscanf(text.c_str(), "%d/%d%n", &numerator, &denominator, &end) == 2 &&
                      static_cast<std::size_t>(end) == text.size();
  const bool power_of_two = denominator > 0 && (denominator & (denominator - 1)) == 0;
  if (!parsed || numerator < 1 || numerator > 255 || !power_of_two || denominator > 64) return {};
  return midi::Meter{static_cast<std::uint8_t>(numerator), static_cast<std::uint16_t>(denominator)};
}

}  // namespace musicvae
