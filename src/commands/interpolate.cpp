#include <cstdio>
#include <iostream>
#include <memory>

#include "datasets/metrics/note_metrics.hpp"
#include "src/base/error.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"

namespace musicvae::commands {
namespace {

struct InterpolateOptions {
  CommonOptions common;
  ModelOptions model;
  BarOptions bar_lines;
  InterpolationOptions interpolation;
  std::string a, b;
  std::string output = "interpolation.mid";
  bool separate = false;
  int bars = 0;  // 0: whole pieces
};

/// The piece, or its first `bars` bars.
Source cut(Source source, int bars, const datasets::Codec& codec) {
  auto& music = source.piece.music;
  if (bars == 0 || bars >= static_cast<int>(music.bars.size())) return source;
  music = datasets::slice(music, 0, bars);
  require_notes(source.path + ", cut by --bars " + std::to_string(bars), music, codec);
  return source;
}

/// How near a step is to a piece, which is repeated or cut as the interpolation does: note F1.
double nearness(const datasets::Passage& step, const datasets::Passage& piece) {
  const auto truth = repeat_or_cut(piece, static_cast<int>(step.bars.size()));
  return datasets::onset_pitch_score(datasets::count_matches(truth, step)).f1;
}

std::vector<std::string> write_steps(const InterpolateOptions& options,
                                     const std::vector<InterpolationStep>& steps, const Source& a,
                                     const Source& b) {
  if (!options.separate) {
    midi::write_midi_file(join_steps(steps, a, b), options.output);
    return {options.output};
  }
  std::vector<std::string> files;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "step-%02zu.mid", i + 1);
    files.push_back(file_in_folder(options.output, name));
    midi::write_midi_file(score_of_step(steps[i], a, b), files.back());
  }
  return files;
}

nlohmann::json describe_steps(const std::vector<InterpolationStep>& steps,
                              const datasets::Passage& a, const datasets::Passage& b) {
  auto list = nlohmann::json::array();
  for (const auto& step : steps) {
    list.push_back({{"t", step.t},
                    {"bars", step.music.bars.size()},
                    {"notes", note_count(step.music)},
                    {"note_f1_to_a", nearness(step.music, a)},
                    {"note_f1_to_b", nearness(step.music, b)}});
  }
  return list;
}

void show(const InterpolateOptions& options, const nlohmann::json& steps,
          const std::vector<std::string>& files) {
  if (options.common.json) {
    print_json({{"a", options.a}, {"b", options.b}, {"files", files}, {"steps", steps}});
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
  for (const std::string& file : files) {
    if (file != "-") std::cout << file << '\n';
  }
}

void run(const InterpolateOptions& options) {
  if (options.output == "-" && (options.separate || options.common.json)) {
    throw UsageError("-o - takes one file and no --json; leave out --separate and --json");
  }
  const MusicVae model = load_model(options.model, options.common);
  const auto load = [&](const std::string& path) {
    return cut(load_for(model.codec(), path, options.bar_lines, options.common), options.bars,
               model.codec());
  };
  const Source a = load(options.a), b = load(options.b);
  const auto &music_a = a.piece.music, &music_b = b.piece.music;
  datasets::Dropped dropped;
  const auto steps = model.interpolate(music_a, music_b, options.interpolation, &dropped);
  warn_dropped(dropped, options.common);
  show(options, describe_steps(steps, music_a, music_b), write_steps(options, steps, a, b));
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
  command.add_option("--steps", options->interpolation.steps, "Endpoints included")
      ->check(between(2, 1000))
      ->capture_default_str();
  command.add_flag("--separate", options->separate, "One file a step, in the folder OUT");
  command.add_option("--bars", options->bars, "Use only the first bars of each piece")
      ->check(between(1, 100'000));
  const std::map<std::string, LengthRule> rules = {{"repeat", LengthRule::kRepeat},
                                                   {"cut", LengthRule::kCut}};
  add_choice(command, "--length", options->interpolation.length_rule, rules,
             "Repeat the shorter piece, or cut the longer")
      ->default_str("repeat");
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  add_generation_options(command, options->interpolation.generation);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
