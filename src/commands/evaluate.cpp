#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "models/runtime/buffer_cache.hpp"
#include "src/base/error.hpp"
#include "src/base/interrupt.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/corpus_input.hpp"
#include "src/commands/options/latent_table.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/commands/options/music_evaluation.hpp"
#include "src/music/device.hpp"
#include "src/training/evaluation.hpp"
#include "src/training/inpainting_evaluation.hpp"

namespace musicvae::commands {
namespace {

struct EvaluateOptions {
  CommonOptions common;
  ModelOptions model;
  EvaluationOptions evaluation;
  std::optional<double> temperature;  // Not given: 1, and for fills as the model likes them best.
  MusicEvaluationOptions music;
  CorpusInput input;
  std::string split = "all";
  std::string gap;  // Bars before, in and after it, as "6,4,6"; empty: none.
  std::string meter = "4/4";
  int candidates = 1;
  std::string latents;  // Where they are written; empty: nowhere.
};

using Windows = std::vector<datasets::Window>;

/// Whether --split names `part`.
bool is_wanted(const std::string& split, datasets::Split part) {
  return split == "all" || (split == "train") == (part == datasets::Split::kTrain);
}

/// The windows that `cut` makes of each wanted part of the corpus.
template <class Cut>
Windows windows_of(const std::string& split, Cut cut) {
  Windows windows;
  for (const auto part : {datasets::Split::kTrain, datasets::Split::kValidation}) {
    if (!is_wanted(split, part)) continue;
    const Windows some = cut(part);
    windows.insert(windows.end(), some.begin(), some.end());
  }
  return windows;
}

constexpr int kMostBars = 1024;

GapLayout parse_gap(const std::string& text) {
  GapLayout gap;
  int end = 0;
  const bool parsed =
      std::sscanf(text.c_str(), "%4d,%4d,%4d%n", &gap.past, &gap.missing, &gap.future, &end) == 3 &&
      static_cast<std::size_t>(end) == text.size();
  if (!parsed || gap.past < 0 || gap.missing < 1 || gap.future < 0 || gap.past + gap.future < 1 ||
      gap.bars() > kMostBars) {
    throw UsageError("--gap " + text +
                     " is no gap with bars around it; write the bars before, in and after it as "
                     "6,4,6");
  }
  return gap;
}

void show(const EvaluateOptions& options, const Evaluation& evaluation,
          const std::vector<FigureSection>& music,
          const std::optional<datasets::CorpusReport>& files) {
  auto json = to_json(evaluation);
  if (!options.common.json) {
    print_table({"", "", {}, {{"", json}}});
    for (const auto& section : music) print_table(section);
    std::cout << describe(evaluation.components);
    return;
  }
  if (!evaluation.components.empty()) json["components"] = to_json(evaluation.components);
  for (const auto& section : music) add_section(section, json);
  if (files) json["files"] = to_json(*files);
  print_json(json);
}

constexpr std::array<const char*, 11> kFigures{"accuracy",
                                               "pitch_accuracy",
                                               "rhythm_accuracy",
                                               "rhythm_class_accuracy",
                                               "loss",
                                               "new_bar_accuracy",
                                               "new_bar_pitch_accuracy",
                                               "note_f1",
                                               "pitch_class_distance",
                                               "groove_similarity",
                                               "leads_on"};

std::string in_columns(const nlohmann::json& scores) {
  std::string line;
  for (const char* figure : kFigures) {
    const auto& value = scores.at(figure);
    char column[32] = "        -";
    if (value.is_number()) std::snprintf(column, sizeof column, " %8.4f", value.get<double>());
    line += column;
  }
  return line;
}

/// One table for each kind of gaps, one line for each way to fill them.
void show(const EvaluateOptions& options, const InpaintingEvaluation& evaluation) {
  const auto json = to_json(evaluation);
  if (options.common.json) {
    print_json(json);
    return;
  }
  for (const char* kind : {"all", "repeating", "mixed", "new"}) {
    const auto& passages = json.at("fills").at(evaluation.fills.front().fill).at(kind);
    std::cout << kind << ": " << passages.at("passages") << " passages\n";
    std::cout << "  fill                 rows  pitches   rhythm  classes     loss new bars new ptch"
                 "  note F1 pitch cl   groove leads on\n";
    for (const auto& fill : evaluation.fills) {
      char name[32];
      std::snprintf(name, sizeof name, "  %-16s", fill.fill.c_str());
      std::cout << name << in_columns(json.at("fills").at(fill.fill).at(kind)) << '\n';
    }
  }
  std::cout << "distance between seeds " << json.at("distance_between_seeds")
            << ", between futures " << json.at("distance_between_futures") << '\n';
}

/// The wanted pieces, whole.
std::vector<datasets::Passage> pieces_of(const std::string& split, const datasets::Corpus& corpus) {
  std::vector<datasets::Passage> pieces;
  for (std::size_t piece = 0; piece < corpus.size(); ++piece) {
    if (!is_wanted(split, corpus.info(piece).split)) continue;
    pieces.push_back(corpus.passage(piece, 0, corpus.info(piece).bars));
  }
  return pieces;
}

void evaluate_rows_and_music(const EvaluateOptions& options, const MusicVae& vae,
                             const datasets::Corpus& corpus,
                             const std::optional<datasets::CorpusReport>& files) {
  const MusicModel& model = vae.model();
  const Windows windows = windows_of(options.split, [&](datasets::Split part) {
    return datasets::consecutive_windows(corpus, part, model.bars());
  });
  if (windows.empty()) throw Error("there is no piece in the split '" + options.split + "'");
  const auto music = evaluate_music(options.music, vae, pieces_of(options.split, corpus),
                                    options.evaluation.seed, options.common);
  std::optional<LatentTable> table;
  if (!options.latents.empty()) table.emplace(vae, options.latents);
  const auto take = [&](const datasets::Window& window, const Latent& latent) {
    if (table) table->add(corpus.info(window.piece).name, window.first_bar, latent);
  };
  const auto evaluation = evaluate(model, corpus, windows, options.evaluation,
                                   progress_of(options.common, "passages"), take);
  if (table) table->write();
  show(options, evaluation, music, files);
}

void evaluate_gaps(const EvaluateOptions& options, const MusicVae& vae,
                   const datasets::Corpus& corpus) {
  const GapLayout gap = parse_gap(options.gap);
  const midi::Meter meter = parse_meter(options.meter);
  const Windows windows = windows_of(options.split, [&](datasets::Split part) {
    return datasets::uniform_windows(corpus, part, gap.bars(), meter);
  });
  if (windows.empty()) {
    throw Error("no piece in the split '" + options.split + "' has " + std::to_string(gap.bars()) +
                " whole bars of " + options.meter +
                " in a row; choose fewer by --gap, or another "
                "--meter");
  }
  const auto& same = options.evaluation;
  show(options, evaluate_inpainting(vae.model(), corpus, windows,
                                    {gap, options.candidates,
                                     options.temperature.value_or(vae.filling_temperature()),
                                     same.batch_size, same.seed},
                                    progress_of(options.common, "passages")));
}

/// Throws UsageError on a gap that makes no sense, before anything is read.
void check_gap(const EvaluateOptions& options) {
  if (options.gap.empty()) return;
  parse_gap(options.gap);
  parse_meter(options.meter);
}

void run(EvaluateOptions options) {
  options.evaluation.temperature = options.temperature.value_or(options.evaluation.temperature);
  check_paths(options.input, "evaluate");
  check_gap(options);
  const MusicVae vae = load_model(options.model, options.common);
  const MusicModel& model = vae.model();
  use_threads(options.common.threads);
  std::optional<datasets::CorpusReport> files;
  const auto corpus = corpus_for(options.input, std::string(model.codec->name()),
                                 model.codec->grid(), options.common, files);
  const models::BufferCache buffers;
  const InterruptGuard interrupt;
  if (options.gap.empty()) {
    evaluate_rows_and_music(options, vae, corpus, files);
  } else {
    evaluate_gaps(options, vae, corpus);
  }
}

void add_gap_options(CLI::App& command, EvaluateOptions& options) {
  auto* const gap =
      command
          .add_option("--gap", options.gap, "Fill gaps: bars before, in and after one, as 6,4,6")
          ->type_name("BARS");
  command.add_option("--meter", options.meter, "Meter of the passages that get gaps")
      ->needs(gap)
      ->capture_default_str();
  command
      .add_option("--candidates", options.candidates,
                  "Also measure the best of this many samples for each gap")
      ->needs(gap)
      ->check(between(1, 1024))
      ->capture_default_str();
}

}  // namespace

void setup_evaluate(CLI::App& command) {
  auto options = std::make_shared<EvaluateOptions>();
  add_corpus_options(command, options->input);
  command.add_option("--split", options->split, "Pieces to measure")
      ->check(one_of({"all", "train", "validation"}))
      ->capture_default_str();
  command
      .add_option("--bound-samples", options->evaluation.bound_samples,
                  "Draws of z for each passage in the IWAE bound; 0 leaves it out")
      ->check(between(0, 4096))
      ->capture_default_str();
  command
      .add_option("--latents", options->latents,
                  "Also write each passage's piece, first bar and z to a file of text")
      ->type_name("FILE");
  command.add_option("--batch-size", options->evaluation.batch_size, "Passages at once")
      ->check(between(1, 65536))
      ->capture_default_str();
  command
      .add_option("--seed", options->evaluation.seed,
                  "Seed of the latents, samples and pairs that are drawn")
      ->capture_default_str();
  command
      .add_option("--temperature", options->temperature,
                  "Temperature at which reconstructions are drawn, and fills")
      ->check(between(0.0, 10.0))
      ->default_str("1, and for fills as inpaint has it");
  add_gap_options(command, *options);
  add_music_evaluation_options(command, options->music);
  add_model_options(command, options->model);
  add_common_options(command, options->common);
  command.callback([options, &command] {
    check_music_evaluation(command, options->music);
    run(*options);
  });
}

}  // namespace musicvae::commands
