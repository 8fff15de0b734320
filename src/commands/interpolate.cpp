#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "datasets/metrics/note_metrics.hpp"
#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/making/attribute_input.hpp"
#include "src/commands/making/constraint_options.hpp"
#include "src/commands/making/made_files.hpp"
#include "src/commands/making/origin.hpp"
#include "src/commands/making/showing.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/latent_way.hpp"

namespace musicvae::commands {
namespace {

struct InterpolateOptions {
  CommonOptions common;
  ModelOptions model;
  BarOptions bar_lines;
  InterpolationOptions interpolation;
  GenerationRequest generation;
  AttributeInput attributes;
  ConstraintOptions constraints;
  ShowRequest show;
  std::string a, b;
  std::string output = "interpolation.mid";
  bool separate = false;
  int bars = 0;  // 0: whole pieces
};

/// How near a step is to a piece, which is repeated or cut as the interpolation does: note F1.
double nearness(const datasets::Passage& step, const datasets::Passage& piece) {
  const auto truth = repeat_or_cut(piece, static_cast<int>(step.bars.size()));
  return datasets::onset_pitch_score(datasets::count_matches(truth, step)).f1;
}

nlohmann::json describe_step(const InterpolationStep& step, const datasets::Passage& a,
                             const datasets::Passage& b) {
  return {{"t", step.t},
          {"bars", step.music.bars.size()},
          {"notes", note_count(step.music)},
          {"note_f1_to_a", nearness(step.music, a)},
          {"note_f1_to_b", nearness(step.music, b)}};
}

void show(const InterpolateOptions& options, const std::string& way, const nlohmann::json& steps,
          const std::vector<std::string>& files) {
  if (options.common.json) {
    print_json(
        {{"a", options.a}, {"b", options.b}, {"way", way}, {"files", files}, {"steps", steps}});
    return;
  }
  log(options.common, "    t  notes  F1 to A  F1 to B");
  for (const auto& step : steps) {
    char line[64];
    std::snprintf(line, sizeof line, "%5.2f  %5d  %7.3f  %7.3f", step.at("t").get<double>(),
                  step.at("notes").get<int>(), step.at("note_f1_to_a").get<double>(),
                  step.at("note_f1_to_b").get<double>());
    log(options.common, line);
  }
  // Files of single steps were named as they were written.
  if (!options.separate && options.output != "-") std::cout << options.output << '\n';
}

void check_usage(const InterpolateOptions& options) {
  if (options.output == "-" && options.separate) {
    throw UsageError("-o - takes one file; leave out --separate");
  }
  check_output(options.output, options.common);
  check_show(options.show, options.output);
}

int step_count(const InterpolationOptions& options) {
  return options.places.empty() ? options.steps : static_cast<int>(options.places.size());
}

/// Makes the steps, and writes each as soon as it is made, or those that were made in sequence.
class Walk {
 public:
  Walk(const InterpolateOptions& options, const Source& a, const Source& b, std::string origin)
      : options_(options),
        a_(a),
        b_(b),
        origin_(std::move(origin)),
        progress_(options.common, step_count(options.interpolation), "steps") {
    if (options.separate) {
      names_.emplace(options.output, "step-", 2);
    } else {
      check_writable(options.output);
    }
  }

  void make(const MusicVae& model) {
    const bool usual = has_usual_latents(model) && !options_.common.verbose;
    if (!usual) log(options_.common, "the way goes " + describe_way(model));
    const Steer steer(options_.attributes, options_.model, model,
                      options_.interpolation.generation.seed);
    const Constraints& constraints = options_.interpolation.generation.constraints;
    const auto &music_a = a_.piece.music, &music_b = b_.piece.music;
    datasets::Dropped dropped;
    model.interpolate(music_a, music_b, options_.interpolation, &dropped,
                      [&](InterpolationStep step) {
                        step.music = steer(std::move(step.music));
                        if (constraints.any()) keep_to(constraints, step.music);
                        return take(std::move(step));
                      });
    warn_dropped(dropped, options_.common);
    if (!names_ && !steps_.empty()) {
      write_made(join_steps(steps_, a_, b_), origin_, options_.output);
      files_ = {options_.output};
    }
    show(options_, describe_way(model), described_, files_);
    show_made(options_.show, {options_.a, options_.b}, files_, options_.common);
    progress_.finish(options_.output);
  }

 private:
  bool take(InterpolationStep step) {
    described_.push_back(describe_step(step, a_.piece.music, b_.piece.music));
    if (names_) {
      files_.push_back((*names_)[progress_.count()]);
      write_made(score_of_step(step, a_, b_), origin_, files_.back());
    } else {
      steps_.push_back(std::move(step));
    }
    progress_.made(names_ && !options_.common.json ? files_.back() : "");
    return progress_.goes_on();
  }

  const InterpolateOptions& options_;
  const Source &a_, &b_;
  std::string origin_;
  MakingProgress progress_;
  std::optional<NumberedFiles> names_;
  std::vector<InterpolationStep> steps_;  // Those that are still to be written.
  std::vector<std::string> files_;
  nlohmann::json described_ = nlohmann::json::array();
};

void run(InterpolateOptions options, Origin origin) {
  check_usage(options);
  const Constraints constraints = constraints_of(options.constraints);
  const MusicVae model = load_model(options.model, options.common);
  check(constraints, model.codec());
  const auto load = [&](const std::string& path) {
    Source source = first_bars(load_for(model.codec(), path, options.bar_lines, options.common),
                               options.bars, model.codec());
    state_key(options.constraints, source);
    return source;
  };
  const Source a = load(options.a), b = load(options.b);
  options.interpolation.generation =
      generation_of(options.generation, options.common, 0);  // Noise would hide the way.
  options.interpolation.generation.constraints = constraints;
  origin.add("--model", options.model.model);
  origin.add("--seed", std::to_string(options.interpolation.generation.seed));
  Walk(options, a, b, origin.text()).make(model);
}

}  // namespace

void setup_interpolate(CLI::App& command) {
  auto options = std::make_shared<InterpolateOptions>();
  command.add_option("a", options->a, "MIDI file; - is standard input")->required();
  command.add_option("b", options->b, "MIDI file")->required();
  command
      .add_option("-o,--output", options->output,
                  std::string("MIDI file with the steps in sequence; a folder with --separate; - "
                              "is standard output. The tempo goes from A's to B's, and a marker "
                              "names each step. ") +
                      kPartsHelp)
      ->type_name("OUT")
      ->capture_default_str();
  auto* const steps =
      command.add_option("--steps", options->interpolation.steps, "Endpoints included")
          ->check(between(2, 1000))
          ->capture_default_str();
  command
      .add_option("--at", options->interpolation.places,
                  "Only these places on the way, from 0 (A) to 1 (B), such as 0.3")
      ->type_name("T,...")
      ->delimiter(',')
      ->check(between(0.0, 1.0))
      ->excludes(steps);
  command.add_flag("--separate", options->separate, "One file a step, in the folder OUT");
  command.add_option("--bars", options->bars, "Use only the first bars of each piece")
      ->check(between(1, 100'000));
  const std::map<std::string, LengthRule> rules = {{"repeat", LengthRule::kRepeat},
                                                   {"cut", LengthRule::kCut}};
  add_choice(command, "--length", options->interpolation.length_rule, rules,
             "Repeat the shorter piece, or cut the longer")
      ->default_str("repeat");
  add_constraint_options(command, options->constraints, "they stand from each step's first bar on");
  add_attribute_options(command, options->attributes);
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  add_generation_options(command, options->generation, "0");
  add_show_options(command, options->show);
  add_common_options(command, options->common);
  command.callback([options, &command] { run(*options, origin_of(command)); });
}

}  // namespace musicvae::commands
