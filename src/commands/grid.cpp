#include <charconv>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "datasets/metrics/note_metrics.hpp"
#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/making/constraint_options.hpp"
#include "src/commands/making/made_files.hpp"
#include "src/commands/making/origin.hpp"
#include "src/commands/making/showing.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/palette/palette.hpp"

namespace musicvae::commands {
namespace {

constexpr const char* kCornerNames = "ABCD";
constexpr std::size_t kMostPoints = 1000;

struct GridOptions {
  CommonOptions common;
  ModelOptions model;
  BarOptions bar_lines;
  GenerationRequest generation;
  ConstraintOptions constraints;
  std::vector<std::string> pieces;
  std::string output;
  std::string path;
  int size = 5;
  int bars = 0;  // 0: as many as the longest piece has
  bool same_key = false;
  ShowRequest show;
};

/// A number from 0 to 1, as ".5". Nothing where `text` is none.
std::optional<double> coordinate(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = error == std::errc() && end == text.data() + text.size();
  return read && value >= 0 && value <= 1 ? std::optional(value) : std::nullopt;
}

/// The points of --path, as "0,0;.5,.2;1,1".
std::vector<PalettePoint> parse_path(const std::string& text) {
  std::vector<PalettePoint> points;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ';');) {
    const auto comma = part.find(',');
    const auto x = coordinate(part.substr(0, comma));
    const auto y = comma == std::string::npos ? std::nullopt : coordinate(part.substr(comma + 1));
    if (!x || !y) {
      throw UsageError("--path: '" + part +
                       "' is no point; points are two numbers from 0 to 1, as 0,0;0.5,0.2;1,1");
    }
    points.push_back({*x, *y});
  }
  if (points.size() < 2 || points.size() > kMostPoints) {
    throw UsageError("--path takes 2 to " + std::to_string(kMostPoints) +
                     " points, as 0,0;0.5,0.2;1,1");
  }
  return points;
}

bool is_file(const std::string& output) {
  const std::string extension = std::filesystem::path(output).extension().string();
  return output == "-" || extension == ".mid" || extension == ".midi";
}

void check_usage(const CLI::App& command, const GridOptions& options) {
  if (options.pieces.size() != kCorners) {
    throw UsageError("a grid lies between four pieces; name four MIDI files");
  }
  if (!options.path.empty() && command.count("--size") > 0) {
    throw UsageError("--size is of use without --path only");
  }
  if (!options.path.empty() && !is_file(options.output)) {
    throw UsageError("--path makes one piece; name a file ending in .mid with -o");
  }
  check_output(options.output, options.common);
  check_show(options.show, options.output);
}

/// The pieces, and the bars of them that the grid is made of.
struct Corners {
  std::vector<Source> sources;
  std::array<datasets::Passage, kCorners> music;

  std::span<const Source, kCorners> all() const {
    return std::span<const Source, kCorners>(sources);
  }
};

Corners load_corners(const GridOptions& options, const MusicVae& model) {
  std::vector<Source> sources;
  for (const std::string& piece : options.pieces) {
    sources.push_back(load_for(model.codec(), piece, options.bar_lines, options.common));
  }
  Corners corners{
      palette_sources(std::move(sources), options.bars, options.same_key, model.codec()), {}};
  for (std::size_t i = 0; i < kCorners; ++i) {
    state_key(options.constraints, corners.sources[i]);
    corners.music[i] = corners.sources[i].piece.music;
  }
  return corners;
}

nlohmann::json describe(const PaletteMusic& made, const Corners& corners) {
  const auto& place = made.places.front();
  nlohmann::json json = {{"x", place.x}, {"y", place.y}, {"notes", note_count(made.music)}};
  for (std::size_t i = 0; i < kCorners; ++i) {
    const auto truth = repeat_or_cut(corners.music[i], static_cast<int>(made.music.bars.size()));
    json["note_f1"].push_back(
        datasets::onset_pitch_score(datasets::count_matches(truth, made.music)).f1);
  }
  return json;
}

void log_header(const CommonOptions& common) {
  log(common, "    x     y  notes  F1 to A      B      C      D");
}

void log_row(const nlohmann::json& cell, const CommonOptions& common) {
  char line[96];
  const auto& f1 = cell.at("note_f1");
  std::snprintf(line, sizeof line, "%5.2f %5.2f  %5d  %7.3f  %5.3f  %5.3f  %5.3f",
                cell.at("x").get<double>(), cell.at("y").get<double>(), cell.at("notes").get<int>(),
                f1[0].get<double>(), f1[1].get<double>(), f1[2].get<double>(), f1[3].get<double>());
  log(common, line);
}

/// Makes the cells row by row, and writes each as soon as it is made, or all in sequence.
class GridMaking {
 public:
  GridMaking(const GridOptions& options, const Corners& corners, std::string origin)
      : options_(options),
        corners_(corners),
        origin_(std::move(origin)),
        progress_(options.common, options.size * options.size, "cells") {
    if (is_file(options.output)) {
      check_writable(options.output);
    } else {
      names_.emplace(options.output, "cell-", 2);
    }
  }

  void make(const Palette& palette, const GenerationOptions& generation) {
    log_header(options_.common);
    while (progress_.goes_on()) {
      const int index = progress_.count();
      take(palette.at(place(index), for_batch(generation, index)));
    }
    if (!names_ && !cells_.empty()) {
      write_made(join_palette(cells_, corners_.all()), origin_, options_.output);
      files_ = {options_.output};
      if (!options_.common.json && options_.output != "-") std::cout << options_.output << '\n';
    }
    if (options_.common.json) {
      print_json({{"pieces", options_.pieces},
                  {"size", options_.size},
                  {"seed", generation.seed},
                  {"files", files_},
                  {"cells", described_}});
    }
    show_made(options_.show, options_.pieces, files_, options_.common);
    progress_.finish(options_.output);
  }

 private:
  PalettePoint place(int index) const {
    const double last = options_.size - 1;
    return {index % options_.size / last, index / options_.size / last};
  }

  void take(PaletteMusic cell) {
    described_.push_back(describe(cell, corners_));
    log_row(described_.back(), options_.common);
    if (names_) {
      files_.push_back((*names_)[progress_.count()]);
      write_made(score_of_palette(cell, corners_.all()), origin_, files_.back());
    } else {
      cells_.push_back(std::move(cell));
    }
    progress_.made(names_ && !options_.common.json ? files_.back() : "");
  }

  const GridOptions& options_;
  const Corners& corners_;
  std::string origin_;
  MakingProgress progress_;
  std::optional<NumberedFiles> names_;
  std::vector<PaletteMusic> cells_;
  std::vector<std::string> files_;
  nlohmann::json described_ = nlohmann::json::array();
};

/// Which corner the music is nearest to, bar by bar, as "A 1-4, C 5-16".
std::string corners_on_the_way(const PaletteMusic& made) {
  std::string text;
  for (std::size_t first = 0, end = 0; first < made.places.size(); first = end) {
    const auto corner = nearest_corner(made.places[first]);
    while (end < made.places.size() && nearest_corner(made.places[end]) == corner) ++end;
    text += (text.empty() ? "" : ", ") + std::string(1, kCornerNames[corner]) + " " +
            std::to_string(first + 1) + (end > first + 1 ? "-" + std::to_string(end) : "");
  }
  return text;
}

void make_path(const GridOptions& options, const Corners& corners, const Palette& palette,
               const GenerationOptions& generation, const std::string& origin) {
  check_writable(options.output);
  const auto made = palette.along_path(parse_path(options.path), generation);
  write_made(score_of_palette(made, corners.all()), origin, options.output);
  show_made(options.show, options.pieces, {options.output}, options.common);
  if (!options.common.json) {
    say_made(options.output,
             options.output + ": " + std::to_string(made.music.bars.size()) + " bars, " +
                 std::to_string(note_count(made.music)) + " notes; nearest to " +
                 corners_on_the_way(made) + "\n",
             options.common);
    return;
  }
  auto places = nlohmann::json::array();
  for (const auto& place : made.places) places.push_back({{"x", place.x}, {"y", place.y}});
  print_json({{"pieces", options.pieces},
              {"seed", generation.seed},
              {"files", {options.output}},
              {"bars", made.music.bars.size()},
              {"notes", note_count(made.music)},
              {"places", places}});
}

void run(const CLI::App& command, const GridOptions& options, Origin origin) {
  check_usage(command, options);
  if (!options.path.empty()) parse_path(options.path);
  const Constraints constraints = constraints_of(options.constraints);
  const MusicVae model = load_model(options.model, options.common);
  check(constraints, model.codec());
  const Corners corners = load_corners(options, model);
  auto generation = generation_of(options.generation, options.common, 0);
  generation.constraints = constraints;
  origin.add("--model", options.model.model);
  origin.add("--seed", std::to_string(generation.seed));
  datasets::Dropped dropped;
  const Palette palette(model, corners.music, &dropped);
  warn_dropped(dropped, options.common);
  if (options.path.empty()) {
    GridMaking(options, corners, origin.text()).make(palette, generation);
  } else {
    make_path(options, corners, palette, generation, origin.text());
  }
}

}  // namespace

void setup_grid(CLI::App& command) {
  auto options = std::make_shared<GridOptions>();
  command
      .add_option("pieces", options->pieces,
                  "Four MIDI files A B C D: A and B are the upper corners, C and D the lower")
      ->required()
      ->expected(static_cast<int>(kCorners))
      ->type_name("A B C D");
  command
      .add_option("-o,--output", options->output,
                  std::string("A name ending in .mid is a file with all cells in sequence, each "
                              "under a marker; other names are a folder with a file a cell, row by "
                              "row; - is standard output. ") +
                      kPartsHelp)
      ->required()
      ->type_name("OUT");
  command.add_option("--size", options->size, "Cells of a row, and of a column")
      ->check(between(2, 50))
      ->capture_default_str();
  command
      .add_option("--path", options->path,
                  "Make one piece that goes along this line, bar by bar: points x,y between "
                  "semicolons. A is at 0,0, B at 1,0, C at 0,1 and D at 1,1")
      ->type_name("POINTS");
  command
      .add_option("--bars", options->bars,
                  "Bars to make: pieces are cut, or begin again where they are shorter. As many as "
                  "the longest piece has unless given")
      ->check(between(1, 10'000));
  command.add_flag("--same-key", options->same_key,
                   "Move B, C and D to the key of A first, and to its register");
  add_constraint_options(command, options->constraints, "they stand from each cell's first bar on");
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  add_generation_options(command, options->generation, "0");
  add_show_options(command, options->show);
  add_common_options(command, options->common);
  command.callback([options, &command] { run(command, *options, origin_of(command)); });
}

}  // namespace musicvae::commands
