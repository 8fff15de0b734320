#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

/// The subcommands of musicvae_bench: each declares its options and what to run.
namespace musicvae::bench {

void setup_train(CLI::App& command);
void setup_generate(CLI::App& command);
void setup_parse(CLI::App& command);
void setup_prepare(CLI::App& command);
void setup_live(CLI::App& command);  ///< Only where live ports are built in.

/// Median, in seconds, of `repetitions` runs of `work`, after one that is not counted.
double median_seconds(int repetitions, const std::function<void()>& work);

/// The medians of several works, run in turn, for ratios on a machine whose speed changes.
std::vector<double> medians_in_turn(int repetitions,
                                    const std::vector<std::function<void()>>& works);

/// Waits until a device has done its work. On the CPU there is nothing to wait for.
void wait_for(const std::string& device);

/// The most memory that this process has held, in bytes.
double peak_memory_bytes();

/// Runs the benchmarks registered with Google Benchmark. Prints medians of `repetitions`, as JSON
/// where asked for.
void run_registered(int repetitions, bool json);

/// The options --repetitions and --json.
struct ReportOptions {
  int repetitions = 5;
  bool json = false;
};
void add_report_options(CLI::App& command, ReportOptions& options);

/// Prints an object of numbers on standard output, for people or as JSON.
void print_result(const nlohmann::json& result, const ReportOptions& options);

}  // namespace musicvae::bench
