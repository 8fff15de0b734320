#include <memory>

#include "datasets/codecs/common.hpp"
#include "datasets/metrics/note_metrics.hpp"
#include "datasets/splice/drums.hpp"
#include "src/base/file.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/making/attribute_input.hpp"
#include "src/commands/making/constraint_options.hpp"
#include "src/commands/making/origin.hpp"
#include "src/commands/making/showing.hpp"
#include "src/commands/options/model_input.hpp"

namespace musicvae::commands {
namespace {

struct ReconstructOptions {
  CommonOptions common;
  ModelOptions model;
  BarOptions bar_lines;
  GenerationRequest generation;
  AttributeInput attributes;
  ConstraintOptions constraints;
  ShowRequest show;
  std::string input;
  std::string output;
};

void show(const ReconstructOptions& options, const datasets::NoteCounts& counts) {
  const double f1 = datasets::onset_pitch_score(counts).f1;
  const double f1_duration = datasets::onset_pitch_duration_score(counts).f1;
  if (options.common.json) {
    print_json({{"input", options.input},
                {"output", options.output},
                {"notes_in", counts.reference},
                {"notes_out", counts.estimated},
                {"note_f1_onset_pitch", f1},
                {"note_f1_duration", f1_duration}});
  } else {
    log(options.common, options.output + ": " + std::to_string(counts.estimated) + " notes for " +
                            std::to_string(counts.reference) + "; note F1 " + std::to_string(f1) +
                            ", with duration " + std::to_string(f1_duration));
  }
}

void run(const ReconstructOptions& options, Origin origin) {
  check_output(options.output, options.common);
  const Constraints constraints = constraints_of(options.constraints);
  check_show(options.show, options.output);
  const MusicVae model = load_model(options.model, options.common);
  check(constraints, model.codec());
  Source source = load_for(model.codec(), options.input, options.bar_lines, options.common);
  state_key(options.constraints, source);
  check_writable(options.output);
  datasets::Dropped dropped;
  const auto latents = model.encode(source.piece.music, &dropped);
  dropped.erase(datasets::kDrumsReason);  // They are kept.
  warn_dropped(dropped, options.common);
  auto generation = generation_of(options.generation, options.common, 0);
  generation.constraints = constraints;
  const Steer steer(options.attributes, options.model, model, generation.seed);
  auto music = steer(model.decode(latents, source.piece.music, generation));
  if (constraints.any()) keep_to(constraints, music);
  origin.add("--model", options.model.model);
  origin.add("--seed", std::to_string(generation.seed));
  const auto whole = datasets::with_drums_of(source.piece.music, music);
  write_made(datasets::to_score(datasets::cast_parts(whole, source.piece), source.style),
             origin.text(), options.output);
  show(options, datasets::count_matches(source.piece.music, music));
  show_made(options.show, {options.input}, {options.output}, options.common);
}

}  // namespace

void setup_reconstruct(CLI::App& command) {
  auto options = std::make_shared<ReconstructOptions>();
  command.add_option("input", options->input, "MIDI file; - is standard input")
      ->required()
      ->type_name("IN");
  command
      .add_option("-o,--output", options->output,
                  std::string("MIDI file to write; - is standard output. ") + kPartsHelp)
      ->required()
      ->type_name("OUT");
  add_constraint_options(command, options->constraints, "they stand from the first bar on");
  add_attribute_options(command, options->attributes);
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  add_generation_options(command, options->generation, "0");
  add_show_options(command, options->show);
  add_common_options(command, options->common);
  command.callback([options, &command] { run(*options, origin_of(command)); });
}

}  // namespace musicvae::commands
