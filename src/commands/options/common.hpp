#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "src/base/error.hpp"
#include "src/base/progress.hpp"
#include "src/music/source.hpp"

/// Options that mean the same for every command, and how results are shown.
namespace musicvae::commands {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  int threads = 0;  ///< 0 is one for each core that the program may use.

  Verbosity verbosity() const;
};
void add_common_options(CLI::App& command, CommonOptions& options);

/// How music becomes rows where no model says it.
struct RowOptions {
  std::string codec = "notes";
  int steps_per_quarter = 4;
};
/// --codec and --steps-per-quarter.
void add_row_options(CLI::App& command, RowOptions& options, const std::string& codec_help);

/// How the bars of a file are found.
struct BarOptions {
  bool no_guess = false;

  datasets::QuantizeOptions quantizing() const { return {.guess_bars = !no_guess}; }
};
/// --no-guess-bars.
void add_bar_options(CLI::App& command, BarOptions& options);

/// --text-encoding.
void add_text_option(CLI::App& command, std::string& encoding);

/// Reads a file for `codec`, its notices on standard error.
Source load_for(const datasets::Codec& codec, const std::string& path, const BarOptions& bars,
                const CommonOptions& common);
/// The notices of a piece on standard error.
void log_notices(const Source& source, const CommonOptions& common);
/// Says how to do without a guess, where one was made.
void log_how_not_to_guess(const datasets::BarGuess& guess, const CommonOptions& common);
/// Reports what a codec could not say.
void warn_dropped(const datasets::Dropped& dropped, const CommonOptions& common);
/// A line on standard error unless quiet.
void log(const CommonOptions& common, const std::string& line);

/// Gives what `work` gives, which does what `flag` asks for. An Error that it throws is thrown on
/// as "FLAG: what is wrong", since the library knows no flags.
template <class Work>
auto for_flag(const std::string& flag, Work work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(flag + ": " + error.what());
  }
}

/// The meter of --meter, as "3/4". Throws UsageError where `text` is none.
midi::Meter parse_meter(const std::string& text);

/// Throws UsageError where `output` is standard output and --json wants it too.
void check_output(const std::string& output, const CommonOptions& common);

/// Tells on standard output what was written to `output`; on standard error where that is standard
/// output.
void say_made(const std::string& output, const std::string& text, const CommonOptions& common);

/// "a/b/01.mid" from "a/b" and "01.mid". Makes the folder.
std::string file_in_folder(const std::string& folder, const std::string& name);

/// One object on standard output.
void print_json(const nlohmann::json& json);

}  // namespace musicvae::commands
