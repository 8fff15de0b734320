#include <cstddef>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "midi/file/reader.hpp"
#include "src/base/file.hpp"
#include "tools/bench/bench.hpp"

// Measures reading MIDI from memory to a Score with paired notes, over folders of files.
namespace musicvae::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{1} << 28;

using Files = std::vector<std::vector<std::byte>>;

Files load(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".mid" || extension == ".MID")
      files.push_back(read_file(entry.path(), kMaxBytes));
  }
  return files;
}

void read_all(benchmark::State& state, const Files& files) {
  std::size_t bytes = 0;
  std::size_t notes = 0;
  for (auto _ : state) {
    for (const auto& file : files) {
      for (const auto& piece : midi::read_midi_sequences(file)) notes += piece.note_ons;
      bytes += file.size();
    }
  }
  const auto rate = [](double count) {
    return benchmark::Counter(count, benchmark::Counter::kIsRate);
  };
  state.counters["MB/s"] = rate(static_cast<double>(bytes) * 1e-6);
  state.counters["notes/s"] = rate(static_cast<double>(notes));
  state.counters["files/s"] = rate(static_cast<double>(state.iterations() * files.size()));
}

struct ParseOptions {
  std::vector<std::string> folders = {"../shared/data/folk_oneills1850",
                                      "../shared/data/pop909_score"};
  ReportOptions report;
};

void run(const ParseOptions& options) {
  for (const fs::path folder : options.folders) {
    if (!fs::is_directory(folder)) {
      std::cerr << "no folder '" << folder.string() << "'; skipped\n";
      continue;
    }
    const Files files = load(folder);
    benchmark::RegisterBenchmark(("read/" + folder.filename().string()).c_str(),
                                 [files](benchmark::State& state) { read_all(state, files); })
        ->Unit(benchmark::kMillisecond);
  }
  run_registered(options.report.repetitions, options.report.json);
}

}  // namespace

void setup_parse(CLI::App& command) {
  auto options = std::make_shared<ParseOptions>();
  command.add_option("folders", options->folders, "Folders of MIDI files")->capture_default_str();
  add_report_options(command, options->report);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::bench
