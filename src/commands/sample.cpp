#include <algorithm>
#include <memory>
#include <optional>

#include "src/base/error.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/making/attribute_input.hpp"
#include "src/commands/making/constraint_options.hpp"
#include "src/commands/making/made_files.hpp"
#include "src/commands/making/origin.hpp"
#include "src/commands/making/showing.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/latent_way.hpp"
#include "src/music/new_music.hpp"

namespace musicvae::commands {
namespace {

struct SampleOptions {
  CommonOptions common;
  ModelOptions model;
  SamplingRequest sampling;
  AttributeInput attributes;
  ShowRequest show;
  std::string output;
  int count = 1;
  int bars = 0;       // 0: the model's passage
  std::string meter;  // empty: the commonest in the model's training data
  ConstraintOptions constraints;
  double tempo = 90;
  int program = 24;  // nylon guitar
};

/// Pieces that are made side by side, so many that a user need not wait long for them.
int pieces_at_once(std::size_t bars) {
  constexpr std::size_t kMost = 16, kBars = 256;
  return static_cast<int>(std::clamp<std::size_t>(kBars / bars, 1, kMost));
}

void check_usage(const SampleOptions& options) {
  if (options.output == "-" && options.count != 1) {
    throw UsageError("standard output takes one sample; leave out -n or name a folder with -o");
  }
  check_output(options.output, options.common);
  check_show(options.show, options.output);
}

void run(SampleOptions options, Origin origin) {
  check_usage(options);
  const midi::Meter asked = options.meter.empty() ? midi::Meter{} : parse_meter(options.meter);
  const Constraints constraints = constraints_of(options.constraints);
  const MusicVae model = load_model(options.model, options.common);
  check(constraints, model.codec());
  const auto layout =
      make_layout(model.codec(), options.meter.empty() ? model.commonest_meter() : asked,
                  options.bars == 0 ? model.bars() : options.bars);
  const bool to_stream = options.output == "-";
  std::optional<NumberedFiles> names;
  if (!to_stream) names.emplace(options.output, "sample-", 3);
  options.sampling.seed = seed_or_new(options.sampling.seed, options.common);
  auto generation = generation_of(options.sampling, model);
  generation.constraints = constraints;
  origin.add("--model", options.model.model);
  origin.add("--seed", std::to_string(generation.seed));
  const bool usual = has_usual_latents(model) && !options.common.verbose;
  if (!usual) log(options.common, "latents are drawn: " + describe_prior(model));
  const std::string key = options.constraints.scale.empty() ? options.constraints.key : "";
  const auto style = style_of_new_music(options.tempo, options.program, key);
  const Steer steer(options.attributes, options.model, model, generation.seed);
  auto files = nlohmann::json::array();
  std::vector<std::string> written;
  MakingProgress progress(options.common, options.count, "samples");
  const auto write = [&](const datasets::Passage& drawn) {
    datasets::Passage song = steer(drawn);
    if (constraints.any()) keep_to(constraints, song);
    const std::string file = to_stream ? options.output : (*names)[progress.count()];
    write_made(datasets::to_score(song, style), origin.text(), file);
    written.push_back(file);
    files.push_back({{"file", file}, {"bars", song.bars.size()}, {"notes", note_count(song)}});
    progress.made(options.common.json || to_stream ? "" : file);
  };
  const int at_once = pieces_at_once(layout.bars.size());
  while (progress.goes_on()) {
    const int first = progress.count();
    const auto songs = model.sample(std::min(at_once, options.count - first), layout,
                                    for_batch(generation, first));
    std::for_each(songs.begin(), songs.end(), write);
  }
  if (options.common.json) {
    print_json({{"samples", files},
                {"seed", generation.seed},
                {"temperature", generation.temperature},
                {"latent_temperature", generation.latent_temperature},
                {"drawn", describe_prior(model)}});
  }
  show_made(options.show, {}, written, options.common);
  progress.finish(options.output);
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
  add_constraint_options(command, options->constraints, "they stand from the first bar on");
  add_attribute_options(command, options->attributes);
  add_model_options(command, options->model);
  add_sampling_options(command, options->sampling);
  add_show_options(command, options->show);
  add_common_options(command, options->common);
  command.callback([options, &command] { run(*options, origin_of(command)); });
}

}  // namespace musicvae::commands
