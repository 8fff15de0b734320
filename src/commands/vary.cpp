#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "datasets/codecs/common.hpp"
#include "datasets/splice/drums.hpp"
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
#include "src/music/filling/selection.hpp"
#include "src/music/palette/variation.hpp"

namespace musicvae::commands {
namespace {

struct VaryOptions {
  CommonOptions common;
  ModelOptions model;
  BarOptions bar_lines;
  VariationOptions variation;
  GenerationRequest generation;
  AttributeInput attributes;
  ConstraintOptions constraints;
  ShowRequest show;
  std::string input;
  std::string output;
  std::string bars;  // empty: all
  int count = 1;
};

void check_usage(const VaryOptions& options) {
  if (options.output == "-" && options.count != 1) {
    throw UsageError("standard output takes one variation; leave out -n or name a folder with -o");
  }
  check_output(options.output, options.common);
  check_show(options.show, options.output);
}

/// Indices of the bars to vary; none where all are.
std::vector<int> bars_to_vary(const std::string& bars, const datasets::Piece& piece) {
  if (bars.empty()) return {};
  return for_flag("--bars", [&] { return select_bars(parse_bars(bars), piece, piece.music); });
}

/// Makes the variations, and writes each as soon as it is made.
class Varying {
 public:
  Varying(const VaryOptions& options, const Source& source, std::string origin)
      : options_(options),
        source_(source),
        origin_(std::move(origin)),
        progress_(options.common, options.count, "variations") {
    if (options.count > 1) {
      names_.emplace(options.output, "variation-", 2);
    } else {
      check_writable(options.output);
    }
  }

  void make(const MusicVae& model) {
    const Steer steer(options_.attributes, options_.model, model,
                      options_.variation.generation.seed);
    while (progress_.goes_on()) {
      const int index = progress_.count();
      VariationOptions own = options_.variation;
      own.generation = for_batch(own.generation, index);
      datasets::Dropped dropped;
      Variation variation = vary(model, source_.piece.music, own, &dropped);
      if (steer.asked()) steer_on(steer, variation);
      write(variation);
      dropped.erase(datasets::kDrumsReason);  // They are kept.
      if (index == 0) warn_dropped(dropped, options_.common);
    }
    if (options_.common.json) {
      print_json({{"input", options_.input},
                  {"similarity", options_.variation.similarity},
                  {"seed", options_.variation.generation.seed},
                  {"variations", described_}});
    }
    show_made(options_.show, {options_.input}, files_, options_.common);
    progress_.finish(options_.output);
  }

 private:
  /// Steers the varied bars, which still keep to what was asked of them.
  void steer_on(const Steer& steer, Variation& variation) const {
    const auto& bars = options_.variation.bars;
    const auto& constraints = options_.variation.generation.constraints;
    datasets::Passage music = steer(std::move(variation.music), bars);
    if (constraints.any()) keep_to(constraints, music);
    variation.music = changed_in(bars, source_.piece.music, std::move(music));
    variation.note_f1 = note_f1_in(bars, source_.piece.music, variation.music);
  }

  void write(const Variation& variation) {
    const std::string file = names_ ? (*names_)[progress_.count()] : options_.output;
    const auto music = datasets::with_drums_of(source_.piece.music, variation.music);
    write_made(datasets::to_score(datasets::cast_parts(music, source_.piece), source_.style),
               origin_, file);
    files_.push_back(file);
    described_.push_back({{"file", file},
                          {"notes", note_count(variation.music)},
                          {"note_f1", variation.note_f1},
                          {"t", variation.t}});
    char f1[32];
    std::snprintf(f1, sizeof f1, "%.2f", variation.note_f1);
    log(options_.common, file + ": " + std::to_string(note_count(variation.music)) +
                             " notes; note F1 to the piece " + f1);
    progress_.made(options_.common.json || file == "-" ? "" : file);
  }

  const VaryOptions& options_;
  const Source& source_;
  std::string origin_;
  MakingProgress progress_;
  std::optional<NumberedFiles> names_;
  std::vector<std::string> files_;
  nlohmann::json described_ = nlohmann::json::array();
};

void run(VaryOptions options, Origin origin) {
  check_usage(options);
  const Constraints constraints = constraints_of(options.constraints);
  const MusicVae model = load_model(options.model, options.common);
  check(constraints, model.codec());
  Source source = load_for(model.codec(), options.input, options.bar_lines, options.common);
  const auto& bars = options.variation.bars = bars_to_vary(options.bars, source.piece);
  if (bars.empty()) state_key(options.constraints, source);
  auto& generation = options.variation.generation;
  generation = model.sampling_options();
  generation.temperature = options.generation.temperature.value_or(0);
  generation.constraints =
      bars.empty() ? constraints : at_places(constraints, bars, source.piece.music.bars.size());
  generation.seed = seed_or_new(options.generation.seed, options.common);
  origin.add("--model", options.model.model);
  origin.add("--seed", std::to_string(generation.seed));
  Varying(options, source, origin.text()).make(model);
}

}  // namespace

void setup_vary(CLI::App& command) {
  auto options = std::make_shared<VaryOptions>();
  command.add_option("input", options->input, "MIDI file; - is standard input")
      ->required()
      ->type_name("IN");
  command
      .add_option("-o,--output", options->output,
                  std::string("MIDI file to write, a folder for several; - is standard output. ") +
                      kPartsHelp)
      ->required()
      ->type_name("OUT");
  command.add_option("-n,--count", options->count, "How many variations, each toward other music")
      ->check(between(1, 1000))
      ->capture_default_str();
  command
      .add_option("--similarity", options->variation.similarity,
                  "1 is the piece itself, 0 a stranger in its key; between them as many notes stay")
      ->check(between(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("--bars", options->bars,
                  "Vary only these bars, as 5-8,13, counted from 1 as a DAW does; the others keep "
                  "their notes")
      ->type_name("BARS");
  add_constraint_options(command, options->constraints, "they stand from the first varied bar on");
  add_attribute_options(command, options->attributes);
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  add_generation_options(command, options->generation, "0");
  add_show_options(command, options->show);
  add_common_options(command, options->common);
  command.callback([options, &command] { run(*options, origin_of(command)); });
}

}  // namespace musicvae::commands
