#include <cstdio>
#include <iostream>
#include <memory>

#include "src/base/error.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"

namespace musicvae::commands {
namespace {

struct SampleOptions {
  CommonOptions common;
  ModelOptions model;
  SamplingRequest sampling;
  std::string output;
  int count = 1;
  int bars = 0;       // 0: the model's passage
  std::string meter;  // empty: the commonest in the model's training data
  double tempo = 90;
  int program = 24;  // nylon guitar
};

datasets::ScoreStyle style_for(const SampleOptions& options) {
  datasets::ScoreStyle style;
  style.parts = {{"musicvae", 0, static_cast<std::uint8_t>(options.program)}};
  style.tempos = {{midi::Ticks(0), static_cast<std::uint32_t>(60e6 / options.tempo)}};
  return style;
}

std::string file_for(const SampleOptions& options, std::size_t song) {
  if (options.output == "-") return options.output;
  char name[32];
  std::snprintf(name, sizeof name, "sample-%03zu.mid", song + 1);
  return file_in_folder(options.output, name);
}

void run(const SampleOptions& options) {
  if (options.output == "-" && options.count != 1) {
    throw UsageError("standard output takes one sample; leave out -n or name a folder with -o");
  }
  if (options.output == "-" && options.common.json) {
    throw UsageError("--json and -o - both want standard output");
  }
  const midi::Meter asked = options.meter.empty() ? midi::Meter{} : parse_meter(options.meter);
  const MusicVae model = load_model(options.model, options.common);
  const auto layout =
      make_layout(model.codec(), options.meter.empty() ? model.commonest_meter() : asked,
                  options.bars == 0 ? model.bars() : options.bars);
  const auto generation = generation_of(options.sampling, model);
  const auto songs = model.sample(options.count, layout, generation);
  auto files = nlohmann::json::array();
  for (std::size_t song = 0; song < songs.size(); ++song) {
    const std::string file = file_for(options, song);
    write_music(songs[song], style_for(options), file);
    files.push_back(
        {{"file", file}, {"bars", songs[song].bars.size()}, {"notes", note_count(songs[song])}});
    if (!options.common.json && file != "-") std::cout << file << '\n';
  }
  if (options.common.json) {
    print_json({{"samples", files},
                {"seed", generation.seed},
                {"temperature", generation.temperature},
                {"latent_temperature", generation.latent_temperature}});
  }
}

}  // namespace

void setup_sample(CLI::App& command) {
  auto options = std::make_shared<SampleOptions>();
  command.add_option("-n,--count", options->count, "How many pieces")
      ->check(between(1, 100'000))
      ->capture_default_str();
  command.add_option("-o,--output", options->output, "Folder to write to; - is standard output")
      ->required()
      ->type_name("DIR");
  command
      .add_option("--bars", options->bars, "Bars of each piece; the model's passage unless given")
      ->check(between(1, 10'000));
  command.add_option("--meter", options->meter,
                     "Meter, such as 3/4; the commonest of the training data unless given");
  command.add_option("--tempo", options->tempo, "Quarters a minute")
      ->check(between(4.0, 1000.0))
      ->capture_default_str();
  command.add_option("--program", options->program, "General MIDI program, from 0")
      ->check(between(0, 127))
      ->capture_default_str();
  add_model_options(command, options->model);
  add_sampling_options(command, options->sampling);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
