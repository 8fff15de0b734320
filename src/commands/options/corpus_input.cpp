#include "src/commands/options/corpus_input.hpp"

#include <algorithm>

#include "datasets/corpus/mapping.hpp"
#include "src/base/error.hpp"
#include "src/base/interrupt.hpp"
#include "src/commands/options/checks.hpp"

namespace musicvae::commands {

void add_corpus_options(CLI::App& command, CorpusInput& input) {
  command.add_option("paths", input.paths, "MIDI files, folders or a prepared corpus")
      ->type_name("PATH")
      ->take_all();
  command
      .add_option("--validation-share", input.validation_share,
                  "Expected share of the pieces held out, each by its content; with --hold-out "
                  "none unless given")
      ->check(between(0.0, 0.9))
      ->default_str("0.1");
  command
      .add_option("--hold-out", input.hold_out,
                  "Hold out the files whose paths match one of these patterns, such as '*/pfa-*'; "
                  "takes all words up to the next flag")
      ->type_name("GLOB")
      ->take_all();
  command.add_flag("--keep-performed", input.keep_performed,
                   "Take performances that lie off the grid");
  add_bar_options(command, input.bars);
}

void hold_nothing_out(CorpusInput& input) {
  const bool prepared = input.paths.size() == 1 && datasets::Corpus::is_corpus(input.paths[0]);
  if (!prepared && !input.validation_share) input.validation_share = 0;
}

void check_paths(const CorpusInput& input, const std::string& command) {
  if (!input.paths.empty()) return;
  throw UsageError(
      command + " needs MIDI files, folders or a corpus" +
      (input.hold_out.empty()
           ? ""
           : "; name them before --hold-out, which takes all words up to the next flag"));
}

namespace {

/// Into a path or a datasets::Spool.
template <class Output>
datasets::CorpusReport prepare_into(Output& output, const CorpusInput& input,
                                    const std::string& codec, const datasets::Grid& grid,
                                    const CommonOptions& common) {
  datasets::CorpusOptions options;
  options.codec = codec;
  options.grid = grid;
  options.validation_share = input.validation_share;
  options.hold_out = input.hold_out;
  options.keep_performed = input.keep_performed;
  options.quantizing = input.bars.quantizing();
  options.jobs = common.threads;
  const InterruptGuard interrupt;
  Progress progress(common.verbosity());
  const auto show = [&](std::size_t done, std::size_t total) {
    progress.update(
        static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(total, 1)),
        std::to_string(done) + " of " + std::to_string(total) + " files");
    return !InterruptGuard::requested();
  };
  const std::vector<std::filesystem::path> paths(input.paths.begin(), input.paths.end());
  try {
    return datasets::prepare_corpus(paths, options, output, show);
  } catch (const datasets::DatasetError&) {
    if (InterruptGuard::requested()) throw Interrupted("interrupted; no corpus was written");
    throw;
  }
}

/// Whether the input is one prepared corpus, whose pieces are divided already.
bool is_prepared(const CorpusInput& input) {
  if (input.paths.size() != 1 || !datasets::Corpus::is_corpus(input.paths[0])) return false;
  if (!input.hold_out.empty() || input.validation_share || input.keep_performed ||
      input.bars.no_guess) {
    throw UsageError(
        "--hold-out, --validation-share, --keep-performed and --no-guess-bars say how to prepare a "
        "corpus, and " +
        input.paths[0] + " is one; leave them out, or name the music itself");
  }
  return true;
}

void log_report(const datasets::CorpusReport& report, const CommonOptions& common) {
  const std::string text = describe(report);
  log(common, text.substr(0, text.find_last_not_of('\n') + 1));
}

datasets::Corpus open_prepared(const std::string& path, const std::string& codec,
                               const datasets::Grid& grid) {
  auto corpus = datasets::Corpus::open(path);
  if (corpus.codec() != codec) {
    throw Error(path + " was prepared for the codec '" + corpus.codec() + "', the model's is '" +
                codec + "'; prepare it again with --codec " + codec);
  }
  if (corpus.grid() != grid) {
    throw Error(path + " lies on a grid of " + std::to_string(corpus.grid().steps_per_quarter) +
                " steps a quarter, the model on one of " + std::to_string(grid.steps_per_quarter) +
                "; prepare it again with --steps-per-quarter");
  }
  return corpus;
}

}  // namespace

datasets::CorpusReport prepare(const CorpusInput& input, const std::string& codec,
                               const datasets::Grid& grid, const std::filesystem::path& output,
                               const CommonOptions& common) {
  return prepare_into(output, input, codec, grid, common);
}

std::filesystem::path corpus_for(const CorpusInput& input, const std::string& codec,
                                 const datasets::Grid& grid, const std::filesystem::path& prepared,
                                 const CommonOptions& common) {
  if (is_prepared(input)) {
    open_prepared(input.paths[0], codec, grid);
    return input.paths[0];
  }
  log_report(prepare(input, codec, grid, prepared, common), common);
  return prepared;
}

datasets::Corpus corpus_for(const CorpusInput& input, const std::string& codec,
                            const datasets::Grid& grid, const CommonOptions& common,
                            std::optional<datasets::CorpusReport>& report) {
  if (is_prepared(input)) return open_prepared(input.paths[0], codec, grid);
  auto file = datasets::Spool::temporary();
  report = prepare_into(file, input, codec, grid, common);
  log_report(*report, common);
  return datasets::Corpus::open(file);
}

nlohmann::json to_json(const datasets::CorpusReport& report) {
  return {{"files", report.files},
          {"train_pieces", report.train_pieces},
          {"validation_pieces", report.validation_pieces},
          {"bars", report.bars},
          {"notes", report.notes},
          {"passed_over", report.passed_over},
          {"refused", report.refused},
          {"examples", report.examples},
          {"warnings", report.warnings},
          {"dropped", report.dropped}};
}

}  // namespace musicvae::commands
