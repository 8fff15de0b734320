#include <filesystem>
#include <memory>

#include <benchmark/benchmark.h>

#include "datasets/corpus/corpus.hpp"
#include "tools/bench/bench.hpp"

// Measures the way from folders of MIDI to a corpus file, and from its bars to rows.
namespace musicvae::bench {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> folders() {
  std::vector<fs::path> found;
  for (const char* name :
       {"folk_airdsAirs", "folk_cre", "folk_irish_mit", "folk_oneills1850", "folk_ryansMammoth",
        "lute_renaissance_gerbode", "nottingham", "pop909_score"}) {
    const fs::path folder = fs::path("../shared/data") / name;
    if (fs::exists(folder)) found.push_back(folder);
  }
  return found;
}

fs::path output() { return fs::temp_directory_path() / "musicvae-prepare-bench.corpus"; }

void prepare(benchmark::State& state) {
  if (folders().empty()) return state.SkipWithError("needs the folders of ../shared/data");
  datasets::CorpusReport report;
  for (auto _ : state) report = datasets::prepare_corpus(folders(), {}, output());
  state.counters["files/s"] =
      benchmark::Counter(double(report.files), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["files"] = double(report.files);
  fs::remove(output());
}

void encode_windows(benchmark::State& state) {
  if (folders().empty()) return state.SkipWithError("needs the folders of ../shared/data");
  datasets::prepare_corpus(folders(), {}, output());
  const auto corpus = datasets::Corpus::open(output());
  fs::remove(output());
  std::size_t bars = 0;
  for (auto _ : state) {
    for (std::size_t piece = 0; piece < corpus.size(); ++piece) {
      bars += corpus.window(piece, 0, corpus.info(piece).bars).size();
    }
  }
  state.counters["bars/s"] = benchmark::Counter(double(bars), benchmark::Counter::kIsRate);
}

void run(const ReportOptions& options) {
  benchmark::RegisterBenchmark("prepare", prepare)->Unit(benchmark::kSecond)->UseRealTime();
  benchmark::RegisterBenchmark("encode_windows", encode_windows)->Unit(benchmark::kMillisecond);
  run_registered(options.repetitions, options.json);
}

}  // namespace

void setup_prepare(CLI::App& command) {
  auto options = std::make_shared<ReportOptions>();
  add_report_options(command, *options);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::bench
