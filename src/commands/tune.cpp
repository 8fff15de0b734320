#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>

#include "datasets/corpus/files.hpp"
#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/palette/tuning.hpp"

namespace musicvae::commands {
namespace {

struct TuneOptions {
  CommonOptions common;
  ModelOptions model;
  BarOptions bar_lines;
  TuningOptions tuning;
  std::vector<std::string> pieces;
  std::string output;
};

/// The pieces, and those of folders in place of these.
std::vector<std::string> files_of(const TuneOptions& options) {
  std::vector<std::string> files;
  for (const std::string& piece : options.pieces) {
    if (!std::filesystem::is_directory(piece)) {
      files.push_back(piece);
      continue;
    }
    const auto found = datasets::find_midi_files({piece});
    if (found.empty()) throw Error("there are no MIDI files in " + piece);
    for (const auto& file : found) files.push_back(file.string());
  }
  return files;
}

void run(TuneOptions options) {
  options.pieces = files_of(options);
  if (options.pieces.size() > kMostTuningPieces) {
    throw UsageError("tune takes up to " + std::to_string(kMostTuningPieces) +
                     " pieces; `musicvae train` learns from more");
  }
  const MusicVae base = load_model(options.model, options.common);
  std::vector<datasets::Passage> pieces;
  std::size_t bars = 0;
  for (const auto& path : options.pieces) {
    pieces.push_back(load_for(base.codec(), path, options.bar_lines, options.common).piece.music);
    bars += pieces.back().bars.size();
  }
  check_writable(options.output);
  const auto start = std::chrono::steady_clock::now();
  datasets::Dropped dropped;
  const MusicVae tuned = tune(base, pieces, options.tuning, &dropped);
  warn_dropped(dropped, options.common);
  save_tuned(tuned, options.model.model, options.output);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (options.common.json) {
    print_json({{"output", options.output},
                {"base", options.model.model},
                {"pieces", pieces.size()},
                {"bars", bars},
                {"dimensions", options.tuning.dimensions},
                {"seconds", seconds.count()}});
    return;
  }
  char text[96];
  std::snprintf(text, sizeof text, ": %d dimensions, from %zu bars in %.1f s; use it by -m ",
                options.tuning.dimensions, bars, seconds.count());
  std::cout << options.output << text << options.output << '\n';
}

}  // namespace

void setup_tune(CLI::App& command) {
  auto options = std::make_shared<TuneOptions>();
  command
      .add_option("pieces", options->pieces,
                  "MIDI files or folders of them, one to some twenty pieces")
      ->required()
      ->type_name("PIECE");
  command
      .add_option("-o,--output", options->output,
                  "Model to write; it stands on the one named by --model, which must stay at hand")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--dimensions", options->tuning.dimensions,
                  "How many its latents have: fewer hold to the pieces more loosely")
      ->check(between(1, 64))
      ->capture_default_str();
  command.add_option("--steps", options->tuning.steps, "Steps of training")
      ->check(between(1, 100'000))
      ->capture_default_str();
  command.add_option("--seed", options->tuning.seed, "Same seed, same model")
      ->capture_default_str();
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
