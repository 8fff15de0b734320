// musicvae_bench: how fast the parts are. Every number is a median over repetitions in this
// process; to compare two of them on a machine that others use, take both from one run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <sys/resource.h>

#include <benchmark/benchmark.h>
#include <torch/cuda.h>

#include "tools/bench/bench.hpp"

namespace musicvae::bench {

double median_seconds(int repetitions, const std::function<void()>& work) {
  return medians_in_turn(repetitions, {work}).front();
}

std::vector<double> medians_in_turn(int repetitions,
                                    const std::vector<std::function<void()>>& works) {
  using Clock = std::chrono::steady_clock;
  for (const auto& work : works) work();
  std::vector<std::vector<double>> seconds(works.size());
  for (int i = 0; i < repetitions; ++i) {
    for (std::size_t w = 0; w < works.size(); ++w) {
      const auto start = Clock::now();
      works[w]();
      seconds[w].push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
  }
  std::vector<double> medians;
  for (auto& runs : seconds) {
    const auto middle = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2);
    std::nth_element(runs.begin(), middle, runs.end());
    medians.push_back(*middle);
  }
  return medians;
}

void wait_for(const std::string& device) {
  if (device == "cuda") torch::cuda::synchronize();
}

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<double>(usage.ru_maxrss);
#else
  return static_cast<double>(usage.ru_maxrss) * 1024;
#endif
}

void run_registered(int repetitions, bool json) {
  std::vector<std::string> words = {
      "musicvae_bench", "--benchmark_repetitions=" + std::to_string(repetitions),
      "--benchmark_report_aggregates_only=true",
      json ? "--benchmark_format=json" : "--benchmark_format=console"};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  benchmark::RunSpecifiedBenchmarks();
}

void add_report_options(CLI::App& command, ReportOptions& options) {
  command.add_option("--repetitions", options.repetitions, "Runs to take the median of")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_flag("--json", options.json, "Print one JSON object on standard output");
}

void print_result(const nlohmann::json& result, const ReportOptions& options) {
  if (options.json) {
    std::cout << result.dump(2) << '\n';
    return;
  }
  for (const auto& [key, value] : result.items()) {
    std::printf("%-22s %14.4g\n", key.c_str(), value.get<double>());
  }
}

}  // namespace musicvae::bench

int main(int argc, char** argv) {
  using namespace musicvae::bench;
  CLI::App app("How fast the parts of musicvae are");
  app.require_subcommand(1);
  setup_train(*app.add_subcommand(
      "train", "One step of training, and its share of the machine's matrix rate"));
  setup_generate(*app.add_subcommand("generate", "Sampling songs"));
  setup_parse(*app.add_subcommand("parse", "MIDI files from memory to a Score"));
  setup_prepare(*app.add_subcommand("prepare", "Folders of MIDI to a corpus, its bars to rows"));
#ifdef MUSICVAE_PORTS
  setup_live(*app.add_subcommand("live", "How evenly messages leave and arrive, through a port"));
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "musicvae_bench: " << error.what() << '\n';
    return 1;
  }
}
