#include <map>
#include <memory>
#include <utility>

#include "datasets/codecs/voices.hpp"
#include "src/base/text.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/making/constraint_options.hpp"
#include "src/commands/making/fill_files.hpp"
#include "src/commands/making/showing.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"

namespace musicvae::commands {
namespace {

struct InpaintOptions {
  CommonOptions common;
  ModelOptions model;
  InpaintingOptions inpainting;
  GenerationRequest generation;
  ConstraintOptions constraints;
  BarOptions bar_lines;
  FillRequest request;
  ShowRequest show;
  std::string input;
  std::string output;
  std::string bars;
};

/// Says which parts are not filled though no track was named.
void log_chords(const InpaintOptions& options, const FillTask& task) {
  if (!options.request.track.empty()) return;
  for (const auto part : task.parts_left()) {
    const std::string name = printable(
        midi::decode_text(task.source.piece.parts[part].name, options.request.text_encoding));
    log(options.common, "leaves the chords of part " + std::to_string(part + 1) +
                            (name.empty() ? "" : " (" + name + ")") + " as they are; --track " +
                            kAllTracks + " fills all parts");
  }
}

void warn_of_lost_voices(const InpaintOptions& options, const datasets::Codec& codec,
                         const FillTask& task) {
  if (task.parts.size() < 2 || !datasets::is_one_voice(codec)) return;
  log(options.common, "warning: " + options.input + " has " + std::to_string(task.parts.size()) +
                          " parts, and the model writes one voice in place of all; name the one "
                          "to fill by --track, or a model of polyphony by --model");
}

/// What is to guide the fills must be there.
void check_kept(const InpaintOptions& options, const FillTask& task) {
  if (options.inpainting.keep == Keep::kNothing || task.has_notes_inside()) return;
  throw Error(
      options.input +
      ": there is nothing to keep, as no note begins in the bars to fill; leave out --keep");
}

/// Says where no music around the gap decides what is written there.
void warn_of_no_context(const InpaintOptions& options, const FillTask& task) {
  if (task.has_context()) return;
  log(options.common, "warning: " + options.input +
                          ": nothing is known around the bars to fill; what is written there is "
                          "a sample like any other");
}

BarSelection parse_bars_option(const std::string& text) {
  try {
    return parse_bars(text);
  } catch (const Error& error) {
    throw UsageError(std::string("--bars ") + error.what());
  }
}

void run(InpaintOptions options, Origin origin) {
  check_fill_output(options.output, options.inpainting, options.common);
  check_show(options.show, options.output);
  options.request.bars = parse_bars_option(options.bars);
  const Constraints constraints = constraints_of(options.constraints);
  if (options.inpainting.keep == Keep::kPitches && constraints.any()) {
    throw UsageError(
        "--keep pitches leaves nothing to choose; leave out what else is asked of notes");
  }
  auto file = midi::read_midi_file(options.input);
  const auto quantizing = options.bar_lines.quantizing();
  if (options.model.model.empty()) {
    options.model.model = default_filling_model(options.request, options.input, file, quantizing);
  }
  const MusicVae model = load_model(options.model, options.common);
  const FillTask task = make_fill_task(
      options.request, make_source(options.input, std::move(file), model.codec(), quantizing));
  log_notices(task.source, options.common);
  log(options.common, "fills " + describe(task.places));
  log_chords(options, task);
  warn_of_lost_voices(options, model.codec(), task);
  check_kept(options, task);
  warn_of_no_context(options, task);
  options.inpainting.generation =
      generation_of(options.generation, options.common, model.filling_temperature());
  options.inpainting.generation.constraints =
      at_places(constraints, task.missing, task.music.bars.size());
  write_fills({options.input, options.output, options.model.model, options.show}, options.common,
              model, task, options.inpainting, std::move(origin));
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
      .add_option("--track", options.request.track,
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
  add_constraint_options(command, options->constraints,
                         "they stand in the bars that are filled, in their order");
  add_text_option(command, options->request.text_encoding);
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  command.get_option("--model")->default_str(std::string(kDefaultModel) +
                                             ", or one for a tune off the sixteenths");
  add_generation_options(command, options->generation, "0.6, and 1 where passages have one latent");
  add_show_options(command, options->show);
  add_common_options(command, options->common);
  command.callback([options, &command] { run(*options, origin_of(command)); });
}

}  // namespace musicvae::commands
