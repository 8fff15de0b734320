#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

#include "src/base/error.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/model_input.hpp"

namespace musicvae::commands {
namespace {

struct SampleOptions {
  CommonOptions common;
  ModelOptions model{kSamplingModel};
  GenerationOptions generation{0.9, 1};
  std::string output;
  int count = 1;
  int bars = 0;       // 0: the model's passage
  std::string meter;  // empty: the commonest in the model's training data
  double tempo = 90;
  int program = 24;  // nylon guitar
};

midi::Meter commonest_meter(const MusicModel& model) {
  const auto data = model.training.value("data", nlohmann::json::object());
  const auto meters = data.value("bars_by_meter", std::map<std::string, int>{});
  const auto most = std::max_element(meters.begin(), meters.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  return most == meters.end() ? midi::Meter{} : parse_meter(most->first);
}

datasets::ScoreStyle style_for(const SampleOptions& options) {
  datasets::ScoreStyle style;
  style.parts = {{"musicvae", 0, static_cast<std::uint8_t>(options.program)}};
  style.tempos = {{midi::Ticks(0), static_cast<std::uint32_t>(60e6 / options.tempo)}};
  return style;
}

/// Songs of `bars` bars: longer than the model's passage are made of several.
std::vector<datasets::Passage> sample_songs(const MusicModel& model, const midi::Meter& meter,
                                            const SampleOptions& options) {
  const int bars = options.bars == 0 ? model.bars() : options.bars;
  const auto song_layout = split_passages(make_layout(*model.codec, meter, bars), model.bars());
  std::vector<datasets::Passage> layouts;
  for (int song = 0; song < options.count; ++song) {
    layouts.insert(layouts.end(), song_layout.begin(), song_layout.end());
  }
  const auto z_BZ = sample_prior(model, static_cast<int>(layouts.size()), options.generation.seed);
  const auto passages = generate(model, z_BZ, layouts, options.generation);
  std::vector<datasets::Passage> songs;
  for (std::size_t first = 0; first < passages.size(); first += song_layout.size()) {
    songs.push_back(join_passages(std::span(passages).subspan(first, song_layout.size())));
  }
  return songs;
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
  const MusicModel model = load_model(options.model, options.common);
  const auto songs =
      sample_songs(model, options.meter.empty() ? commonest_meter(model) : asked, options);
  auto files = nlohmann::json::array();
  for (std::size_t song = 0; song < songs.size(); ++song) {
    const std::string file = file_for(options, song);
    write_passage(songs[song], style_for(options), file);
    std::size_t notes = 0;
    for (const auto& bar : songs[song].bars) notes += bar.notes.size();
    files.push_back({{"file", file}, {"bars", songs[song].bars.size()}, {"notes", notes}});
    if (!options.common.json && file != "-") std::cout << file << '\n';
  }
  if (options.common.json) {
    print_json({{"samples", files},
                {"seed", options.generation.seed},
                {"temperature", options.generation.temperature}});
  }
}

}  // namespace

void setup_sample(CLI::App& command) {
  auto options = std::make_shared<SampleOptions>();
  command.add_option("-n,--count", options->count, "How many")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command.add_option("-o,--output", options->output, "Folder to write to; - is standard output")
      ->required()
      ->type_name("DIR");
  command.add_option("--bars", options->bars, "Bars each; the model's passage unless given")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--meter", options->meter,
                     "Such as 3/4; the commonest of the training data unless given");
  command.add_option("--tempo", options->tempo, "Quarters a minute")
      ->check(CLI::Range(4.0, 1000.0))
      ->capture_default_str();
  command.add_option("--program", options->program, "General MIDI program, from 0")
      ->check(CLI::Range(0, 127))
      ->capture_default_str();
  add_model_options(command, options->model);
  add_generation_options(command, options->generation);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
