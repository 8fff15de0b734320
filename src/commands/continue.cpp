#include <memory>
#include <utility>

#include "src/commands/commands.hpp"
#include "src/commands/making/attribute_input.hpp"
#include "src/commands/making/constraint_options.hpp"
#include "src/commands/making/fill_files.hpp"
#include "src/commands/making/showing.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/filling/continuation.hpp"

namespace musicvae::commands {
namespace {

struct ContinueOptions {
  CommonOptions common;
  ModelOptions model;
  ContinuationRequest request;
  InpaintingOptions inpainting;
  GenerationRequest generation;
  ConstraintOptions constraints;
  AttributeInput attributes;
  BarOptions bar_lines;
  ShowRequest show;
  std::string input;
  std::string output;
};

/// The model in the box for the parts to go on with.
std::string default_model(const ContinueOptions& options, const midi::ReadResult& file) {
  FillRequest request;
  request.track = options.request.track.empty() ? kAllTracks : options.request.track;
  request.text_encoding = options.request.text_encoding;
  return default_filling_model(request, options.input, file, options.bar_lines.quantizing());
}

void run(ContinueOptions options, Origin origin) {
  check_fill_output(options.output, options.inpainting, options.common);
  check_show(options.show, options.output);
  const Constraints constraints = constraints_of(options.constraints);
  auto file = midi::read_midi_file(options.input);
  if (options.model.model.empty()) options.model.model = default_model(options, file);
  const MusicVae model = load_model(options.model, options.common);
  auto source =
      make_source(options.input, std::move(file), model.codec(), options.bar_lines.quantizing());
  log_notices(source, options.common);
  const FillTask task = make_continuation_task(options.request, std::move(source));
  log(options.common, "writes " + describe(task.places));
  options.inpainting.generation = generation_of(options.generation, options.common,
                                                model.sampling_options().latent_temperature);
  options.inpainting.generation.constraints =
      at_places(constraints, task.missing, task.music.bars.size());
  const auto& generation = options.inpainting.generation;
  const Steer steer(options.attributes, options.model, model, generation.seed);
  const ReviseFill revise = [&](datasets::Passage music) {
    music = steer(std::move(music), task.missing);
    if (generation.constraints.any()) keep_to(generation.constraints, music);
    return music;
  };
  write_fills({options.input, options.output, options.model.model, options.show}, options.common,
              model, task, options.inpainting, std::move(origin),
              steer.asked() ? revise : ReviseFill{});
}

}  // namespace

void setup_continue(CLI::App& command) {
  auto options = std::make_shared<ContinueOptions>();
  options->model.model.clear();  // The music decides.
  // The likeliest of several ways to go on says again what the piece has said.
  options->inpainting.candidates = 1;
  command.add_option("input", options->input, "MIDI file; - is standard input")
      ->required()
      ->type_name("IN");
  command
      .add_option("-o,--output", options->output,
                  "MIDI file to write, a folder for several; - is standard output")
      ->required()
      ->type_name("OUT");
  command
      .add_option("--bars", options->request.bars,
                  "New bars after the last in which something sounds, or before the first")
      ->check(between(1, 1000))
      ->capture_default_str();
  command.add_flag("--lead-in", options->request.lead_in,
                   "Write bars that lead into the piece instead");
  command
      .add_option("--track", options->request.track,
                  "Go on with one voice, given it alone: its name, or its number among the parts "
                  "that inspect lists; with all unless given")
      ->type_name("PART");
  command
      .add_option("-n,--alternatives", options->inpainting.alternatives, "How many ways to go on")
      ->check(between(1, 1000))
      ->capture_default_str();
  command
      .add_option("--candidates", options->inpainting.candidates,
                  "Ways to draw for each; the one that fits the piece best is kept, which the more "
                  "of them there are says the less that is new")
      ->check(between(1, 1000))
      ->capture_default_str();
  add_constraint_options(command, options->constraints, "they stand in the new bars");
  add_attribute_options(command, options->attributes);
  add_text_option(command, options->request.text_encoding);
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  command.get_option("--model")->default_str(std::string(kDefaultModel) +
                                             ", or one for a tune off the sixteenths");
  add_generation_options(command, options->generation,
                         "0.75, and 1 where passages have one latent");
  add_show_options(command, options->show);
  add_common_options(command, options->common);
  command.callback([options, &command] { run(*options, origin_of(command)); });
}

}  // namespace musicvae::commands
