#include "src/music/palette/attributes.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include "datasets/corpus/files.hpp"
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
  std::vector<std::string> labels;  // As "NAME=PATTERN".
  std::string output;
  bool independent = false;
  int bars = 40'000;
};

/// Which pieces a label stands for.
struct Label {
  std::string name, pattern;
};

std::vector<Label> parse_labels(const std::vector<std::string>& texts) {
  std::vector<Label> labels;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
      throw UsageError("--label: '" + text +
                       "' is no label; give it a name and a pattern of paths, as "
                       "slow='*/sarabande*'");
    }
    labels.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return labels;
}

/// A piece of the corpus, and which labels it has.
struct LabelledPiece {
  std::size_t index = 0;
  std::vector<bool> labels;
};

/// All pieces, from all over the corpus. Those that have a label alternate with the others, as they
/// may be few. Throws Error where a label fits none.
std::vector<LabelledPiece> pieces_to_learn(const datasets::Corpus& corpus,
                                           const std::vector<Label>& labels) {
  std::vector<std::size_t> counts(labels.size());
  std::vector<LabelledPiece> with, without;
  const std::size_t stride = 7919;  // A prime: pieces come from all over the corpus.
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    const std::size_t piece = corpus.size() % stride == 0 ? i : i * stride % corpus.size();
    LabelledPiece labelled{piece, {}};
    for (std::size_t label = 0; label < labels.size(); ++label) {
      const bool has = datasets::matches(labels[label].pattern, corpus.info(piece).name);
      labelled.labels.push_back(has);
      counts[label] += has;
    }
    const bool any = std::count(labelled.labels.begin(), labelled.labels.end(), true) > 0;
    (any ? with : without).push_back(std::move(labelled));
  }
  for (std::size_t label = 0; label < labels.size(); ++label) {
    if (counts[label] > 0) continue;
    throw Error("--label: the pattern '" + labels[label].pattern + "' fits none of the pieces");
  }
  std::vector<LabelledPiece> pieces;
  for (std::size_t i = 0; i < std::max(with.size(), without.size()); ++i) {
    if (i < with.size()) pieces.push_back(std::move(with[i]));
    if (i < without.size()) pieces.push_back(std::move(without[i]));
  }
  return pieces;
}

/// Adds pieces until there are enough bars.
void learn_from(const datasets::Corpus& corpus, const AttributesOptions& options,
                const std::vector<LabelledPiece>& pieces, AttributeLearner& learner) {
  const InterruptGuard interrupt;
  Progress progress(options.common.verbosity());
  int bars = 0, done = 0;
  for (const LabelledPiece& piece : pieces) {
    if (bars >= options.bars) break;
    if (InterruptGuard::requested()) throw Interrupted("interrupted; no file was written");
    const int length = corpus.info(piece.index).bars;
    learner.add(corpus.passage(piece.index, 0, length), piece.labels);
    bars += length;
    progress.update(std::min(double(bars) / options.bars, 1.0),
                    std::to_string(++done) + " pieces, " + std::to_string(bars) + " bars");
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
    std::cout << line << (AttributeSet::is_label(k) ? "a label" : measures[k].meaning) << '\n';
  }
  log(options.common,
      options.output + ": from " + std::to_string(count) + " bars or passages with enough notes");
}

void run(AttributesOptions options) {
  check_paths(options.input, "attributes");
  hold_nothing_out(options.input);
  check_output(options.output, options.common);
  const auto labels = parse_labels(options.labels);
  const MusicVae model = load_model(options.model, options.common);
  check_writable(options.output);
  std::optional<datasets::CorpusReport> report;
  const auto corpus = corpus_for(options.input, std::string(model.codec().name()),
                                 model.codec().grid(), options.common, report);
  std::vector<std::string> names;
  for (const Label& label : labels) names.push_back(label.name);
  auto learner = for_flag("--label", [&] { return AttributeLearner(model, names); });
  learn_from(corpus, options, pieces_to_learn(corpus, labels), learner);
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
  command
      .add_option("--label", options->labels,
                  "An attribute of your own: more of it is to be like the pieces whose paths match "
                  "the pattern, less of it like the others. May be given several times, as "
                  "--label slow='*/sarabande*'")
      ->type_name("NAME=PATTERN")
      ->allow_extra_args(false);
  command.add_option("--bars", options->bars, "Bars to measure at most")
      ->check(between(1, 1'000'000))
      ->capture_default_str();
  add_model_options(command, options->model);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
