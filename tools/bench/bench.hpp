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

/// The same of several, in turn, for ratios on a machine whose speed changes.
std::vector<double> medians_in_turn(int repetitions,
                                    const std::vector<std::function<void()>>& works);

/// Waits until a device has done what it was given; nothing for the CPU.
void wait_for(const std::string& device);

/// What this process has held at most, in bytes.
double peak_memory_bytes();

/// Runs what Google Benchmark has registered: medians of `repetitions`, as JSON where asked for.
void run_registered(int repetitions, bool json);

/// --repetitions and --json.
struct ReportOptions {
  int repetitions = 5;
  bool json = false;
};
void add_report_options(CLI::App& command, ReportOptions& options);

/// An object of numbers on standard output, for people or as JSON.
void print_result(const nlohmann::json& result, const ReportOptions& options);

}  // namespace musicvae::bench
