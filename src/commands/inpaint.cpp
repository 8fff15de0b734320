#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>

#include "src/base/error.hpp"
#include "src/base/text.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/bar_lines.hpp"
#include "src/music/selection.hpp"

namespace musicvae::commands {
namespace {

using datasets::Passage;

constexpr const char* kAllTracks = "all";

struct InpaintOptions {
  CommonOptions common;
  ModelOptions model;
  InpaintingOptions inpainting;
  BarOptions bar_lines;
  std::string input;
  std::string output;
  std::string bars;
  std::string track;  // empty: all pitched parts but chords beneath a tune
  std::string text_encoding = midi::kGuessedEncoding;
};

/// A piece and what is to be filled in it.
struct Task {
  Source source;
  std::vector<std::uint16_t> parts;
  Passage music;             // What these parts play.
  std::vector<int> missing;  // Indices of bars.
  std::vector<BarStretch> places;
};

std::vector<std::uint16_t> parts_to_fill(const InpaintOptions& options, const BarSelection& bars,
                                         const datasets::Piece& piece) {
  const auto pitched = datasets::pitched_parts(piece);
  if (pitched.empty()) {
    throw Error(options.input + ": there are no notes in it" +
                (piece.report.notes > 0 ? " but drums" : ""));
  }
  if (options.track == kAllTracks) return pitched;
  if (!options.track.empty()) return {select_part(piece, options.track, options.text_encoding)};
  return select_parts(bars, piece);
}

Task make_task(const InpaintOptions& options, const BarSelection& bars, Source source) {
  Task task{std::move(source), {}, {}, {}, {}};
  task.parts = parts_to_fill(options, bars, task.source.piece);
  task.music = datasets::only_parts(task.source.piece.music, task.parts);
  task.missing = select_bars(bars, task.source.piece, task.music);
  task.places = bar_stretches(task.source.file.score, task.source.piece, task.missing);
  return task;
}

/// The model in the box for the parts to fill.
std::string default_model(const InpaintOptions& options, const BarSelection& bars,
                          const midi::ReadResult& file) {
  const auto piece =
      make_source(options.input, file, datasets::Grid{12}, options.bar_lines.quantizing()).piece;
  return inpainting_model_for(
      datasets::only_parts(piece.music, parts_to_fill(options, bars, piece)));
}

/// Says which parts are not filled though no track was named.
void log_chords(const InpaintOptions& options, const Task& task) {
  if (!options.track.empty()) return;
  for (const auto part : datasets::pitched_parts(task.source.piece)) {
    if (std::binary_search(task.parts.begin(), task.parts.end(), part)) continue;
    const std::string name =
        printable(midi::decode_text(task.source.piece.parts[part].name, options.text_encoding));
    log(options.common, "leaves the chords of part " + std::to_string(part + 1) +
                            (name.empty() ? "" : " (" + name + ")") + " as they are; --track " +
                            kAllTracks + " fills all parts");
  }
}

void warn_of_lost_voices(const InpaintOptions& options, const datasets::Codec& codec,
                         const Task& task) {
  if (task.parts.size() < 2 || !is_one_voice(codec)) return;
  log(options.common, "warning: " + options.input + " has " + std::to_string(task.parts.size()) +
                          " parts, and the model writes one voice in place of all; name the one "
                          "to fill by --track, or a model of polyphony by --model");
}

std::vector<Passage> fill(const InpaintOptions& options, const MusicVae& model, const Task& task) {
  if (!has_notes_outside(task.music, task.missing)) {
    log(options.common, "warning: " + options.input +
                            ": nothing is known around the bars to fill; what is written there is "
                            "a sample like any other");
    if (options.inpainting.keep == Keep::kNothing) {
      return model.sample(options.inpainting.alternatives, task.music,
                          options.inpainting.generation);
    }
  }
  if (!model.can_inpaint()) {
    throw Error("a model of family '" + model.family() +
                "' cannot fill missing bars; name one that can by --model, or train one "
                "(--preset inpaint-melody-16bar-small)");
  }
  datasets::Dropped dropped;
  auto fills = model.inpaint(task.music, task.missing, options.inpainting, &dropped);
  for (const std::string& line : describe(dropped)) {
    log(options.common, "in what the model sees, not in the output: " + line);
  }
  return fills;
}

std::string file_for(const InpaintOptions& options, std::size_t alternative) {
  if (options.inpainting.alternatives == 1) return options.output;
  char name[32];
  std::snprintf(name, sizeof name, "%02zu.mid", alternative + 1);
  return file_in_folder(options.output, name);
}

/// What was made of a fill.
struct WrittenFill {
  std::string file;
  std::size_t notes = 0;
  std::size_t left_out = 0;
};

std::vector<WrittenFill> write_fills(const InpaintOptions& options, const Task& task,
                                     const std::vector<Passage>& fills) {
  const auto timing = options.inpainting.keep == Keep::kRhythm ? datasets::FillTiming::kAsReplaced
                                                               : datasets::FillTiming::kOnGrid;
  std::vector<WrittenFill> written;
  for (std::size_t i = 0; i < fills.size(); ++i) {
    const auto splice = datasets::replace_bars(task.source.file.score, task.source.piece,
                                               task.missing, fills[i], task.parts, timing);
    written.push_back({file_for(options, i), splice.written, splice.left_out});
    midi::write_midi_file(splice.score, written.back().file);
    if (splice.left_out > 0) {
      log(options.common, written.back().file + ": " + std::to_string(splice.left_out) +
                              (splice.left_out == 1 ? " note" : " notes") +
                              " of the fill could not be written: their part strikes the same "
                              "pitch at that time, or the model wrote none");
    }
  }
  return written;
}

/// Seconds, rounded to a millisecond.
double to_millisecond(midi::Seconds time) { return std::round(time.count * 1000) / 1000; }

nlohmann::json to_json(const std::vector<BarStretch>& places) {
  auto list = nlohmann::json::array();
  for (const BarStretch& place : places) {
    list.push_back({{"first_bar", place.first},
                    {"last_bar", place.last},
                    {"start_seconds", to_millisecond(place.start)},
                    {"end_seconds", to_millisecond(place.end)}});
  }
  return list;
}

void show(const InpaintOptions& options, const Task& task, const std::vector<WrittenFill>& fills,
          double seconds) {
  if (!options.common.json) {
    for (const WrittenFill& fill : fills) {
      if (fill.file != "-") std::cout << fill.file << '\n';
    }
    return;
  }
  auto bars = nlohmann::json::array(), parts = nlohmann::json::array();
  auto files = nlohmann::json::array(), notes = nlohmann::json::array();
  auto left_out = nlohmann::json::array();
  for (const int bar : task.missing) bars.push_back(task.source.piece.first_bar() + bar);
  for (const int part : task.parts) parts.push_back(part + 1);
  for (const WrittenFill& fill : fills) {
    files.push_back(fill.file);
    notes.push_back(fill.notes);
    left_out.push_back(fill.left_out);
  }
  print_json({{"file", options.input},
              {"files", files},
              {"bars", bars},
              {"parts", parts},
              {"places", to_json(task.places)},
              {"notes", notes},
              {"notes_left_out", left_out},
              {"context", has_notes_outside(task.music, task.missing)},
              {"model", options.model.model},
              {"seed", options.inpainting.generation.seed},
              {"temperature", options.inpainting.generation.temperature},
              {"seconds", seconds}});
}

BarSelection parse_bars_option(const std::string& text) {
  try {
    return parse_bars(text);
  } catch (const Error& error) {
    throw UsageError(std::string("--bars ") + error.what());
  }
}

void run(InpaintOptions options) {
  if (options.output == "-" && options.inpainting.alternatives != 1) {
    throw UsageError("standard output takes one fill; leave out -n or name a folder with -o");
  }
  if (options.output == "-" && options.common.json) {
    throw UsageError("--json and -o - both want standard output");
  }
  const BarSelection bars = parse_bars_option(options.bars);
  auto file = midi::read_midi_file(options.input);
  if (options.model.model.empty()) options.model.model = default_model(options, bars, file);
  const MusicVae model = load_model(options.model, options.common);
  const Task task = make_task(
      options, bars,
      make_source(options.input, std::move(file), model.codec(), options.bar_lines.quantizing()));
  log_notices(task.source, options.common);
  log(options.common, "fills " + describe(task.places));
  log_chords(options, task);
  warn_of_lost_voices(options, model.codec(), task);
  const auto start = std::chrono::steady_clock::now();
  const auto fills = fill(options, model, task);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  show(options, task, write_fills(options, task, fills), seconds.count());
}

void add_fill_options(CLI::App& command, InpaintOptions& options) {
  command
      .add_option(
          "--bars", options.bars,
          "Bars to fill, as 5-8,13, counted from 1 as a DAW does; or empty: those in which nothing "
          "sounds")
      ->required()
      ->type_name("BARS");
  command
      .add_option("--track", options.track,
                  "Fill one voice, given it alone: its name, or its number among the parts that "
                  "inspect lists; or all. Unless given, all parts are filled but chords that sound "
                  "beneath a tune")
      ->type_name("PART");
  command.add_option("-n,--alternatives", options.inpainting.alternatives, "How many fills")
      ->check(between(1, 1000))
      ->capture_default_str();
  command
      .add_option("--candidates", options.inpainting.candidates,
                  "Fills to draw for each; the one that leads best into what follows is kept")
      ->check(between(1, 1000))
      ->capture_default_str();
  const std::map<std::string, Keep> keeps = {{"rhythm", Keep::kRhythm},
                                             {"pitches", Keep::kPitches}};
  add_choice(command, "--keep", options.inpainting.keep, keeps,
             "Keep the rhythm of what stands in the bars now, to the tick, or its pitches in their "
             "order");
}

}  // namespace

void setup_inpaint(CLI::App& command) {
  auto options = std::make_shared<InpaintOptions>();
  options->model.model.clear();  // The music decides.
  command.add_option("input", options->input, "MIDI file; - is standard input")
      ->required()
      ->type_name("IN");
  command
      .add_option("-o,--output", options->output,
                  "MIDI file to write, a folder for several; - is standard output")
      ->required()
      ->type_name("OUT");
  add_fill_options(command, *options);
  add_text_option(command, options->text_encoding);
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  command.get_option("--model")->default_str(std::string(kMelodyInpaintingModel) + ", or " +
                                             kPolyphonyInpaintingModel +
                                             " where notes sound together");
  add_generation_options(command, options->inpainting.generation);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
