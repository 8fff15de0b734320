#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "src/base/progress.hpp"
#include "src/music/source.hpp"

/// What the commands share: options that mean the same everywhere, and how results are shown.
namespace musicvae::commands {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  int threads = 0;  ///< 0 is one a core that the program may use.

  Verbosity verbosity() const;
};
void add_common_options(CLI::App& command, CommonOptions& options);

/// How music becomes rows where no model says so.
struct RowOptions {
  std::string codec = "notes";
  int steps_per_quarter = 4;
};
/// --codec and --steps-per-quarter.
void add_row_options(CLI::App& command, RowOptions& options, const std::string& codec_help);

/// Reads a file for `codec`, its notices on standard error.
Source load_for(const datasets::Codec& codec, const std::string& path, const CommonOptions& common);
/// Reports what a codec could not say.
void warn_dropped(const datasets::Dropped& dropped, const CommonOptions& common);
/// A line on standard error unless quiet.
void log(const CommonOptions& common, const std::string& line);

/// "3/4" as a meter. Throws UsageError where it is none.
midi::Meter parse_meter(const std::string& text);

/// Writes a passage as MIDI in the style of its source.
void write_passage(const datasets::Passage& passage, const datasets::ScoreStyle& style,
                   const std::string& path);
/// "a/b" + "01.mid", making the folder.
std::string file_in_folder(const std::string& folder, const std::string& name);

/// One object on standard output.
void print_json(const nlohmann::json& json);

}  // namespace musicvae::commands
