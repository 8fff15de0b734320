#include "src/music/palette/attributes.hpp"

#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/interrupt.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/corpus_input.hpp"
#include "src/commands/options/model_input.hpp"

namespace musicvae::commands {
namespace {

struct AttributesOptions {
  CommonOptions common;
  ModelOptions model;
  CorpusInput input;
  std::string output;
  bool independent = false;
  int bars = 40'000;
};

/// Adds pieces from all over the corpus, until there are enough bars.
void learn_from(const datasets::Corpus& corpus, const AttributesOptions& options,
                AttributeLearner& learner) {
  const InterruptGuard interrupt;
  Progress progress(options.common.verbosity());
  int bars = 0;
  const std::size_t stride = 7919;  // A prime: pieces come from all over the corpus.
  for (std::size_t i = 0; i < corpus.size() && bars < options.bars; ++i) {
    if (InterruptGuard::requested()) throw Interrupted("interrupted; no file was written");
    const std::size_t piece = corpus.size() % stride == 0 ? i : i * stride % corpus.size();
    const int length = corpus.info(piece).bars;
    learner.add(corpus.passage(piece, 0, length));
    bars += length;
    progress.update(std::min(double(bars) / options.bars, 1.0),
                    std::to_string(i + 1) + " pieces, " + std::to_string(bars) + " bars");
  }
}

void show(const AttributesOptions& options, const AttributeSet& set, std::size_t count) {
  if (options.common.json) {
    auto attributes = nlohmann::json::array();
    for (const auto& attribute : set.all()) {
      attributes.push_back(
          {{"name", attribute.name}, {"mean", attribute.mean}, {"deviation", attribute.deviation}});
    }
    print_json({{"output", options.output}, {"examples", count}, {"attributes", attributes}});
    return;
  }
  std::cout << "attribute            mean  deviation\n";
  const auto& measures = datasets::attribute_measures();
  for (std::size_t k = 0; k < set.all().size(); ++k) {
    const auto& attribute = set.all()[k];
    char line[96];
    std::snprintf(line, sizeof line, "%-14s  %9.3f  %9.3f  ", attribute.name.c_str(),
                  attribute.mean, attribute.deviation);
    std::cout << line << measures[k].meaning << '\n';
  }
  log(options.common,
      options.output + ": from " + std::to_string(count) + " bars or passages with enough notes");
}

void run(const AttributesOptions& options) {
  check_paths(options.input, "attributes");
  check_output(options.output, options.common);
  const MusicVae model = load_model(options.model, options.common);
  check_writable(options.output);
  std::optional<datasets::CorpusReport> report;
  const auto corpus = corpus_for(options.input, std::string(model.codec().name()),
                                 model.codec().grid(), options.common, report);
  AttributeLearner learner(model);
  learn_from(corpus, options, learner);
  const auto set =
      learner.learn(options.independent ? VectorKind::kIndependent : VectorKind::kQuartiles);
  set.write(options.output);
  show(options, set, learner.count());
}

}  // namespace

void setup_attributes(CLI::App& command) {
  auto options = std::make_shared<AttributesOptions>();
  add_corpus_options(command, options->input);
  command
      .add_option("-o,--output", options->output,
                  "File to write; MODEL.attributes.json beside a model is found by itself")
      ->required()
      ->type_name("FILE");
  command.add_flag("--independent", options->independent,
                   "Vectors that leave the other attributes as they are: coefficients of a "
                   "regression, in place of the mean of the upper quarter less that of the lower");
  command.add_option("--bars", options->bars, "Bars to measure at most")
      ->check(between(1, 1'000'000))
      ->capture_default_str();
  add_model_options(command, options->model);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
