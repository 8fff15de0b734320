#include "src/commands/options/common.hpp"

#include <filesystem>
#include <iostream>

#include "midi/text.hpp"
#include "src/base/error.hpp"
#include "src/commands/options/checks.hpp"

namespace musicvae::commands {

Verbosity CommonOptions::verbosity() const {
  if (quiet) return Verbosity::kQuiet;
  return verbose ? Verbosity::kVerbose : Verbosity::kNormal;
}

void add_common_options(CLI::App& command, CommonOptions& options) {
  command.add_flag("--json", options.json, "Print one JSON object on standard output");
  auto* quiet = command.add_flag("-q,--quiet", options.quiet, "Say nothing on standard error");
  command.add_flag("-v,--verbose", options.verbose, "Say more on standard error")->excludes(quiet);
  command.add_option("--threads", options.threads, "Threads to use; 0 is one for each core")
      ->check(between(0, 1024))
      ->capture_default_str();
  command
      .add_option("--config",
                  "TOML file of options, named as the long flags; flags that are given win")
      ->type_name("FILE");
}

void add_row_options(CLI::App& command, RowOptions& options, const std::string& codec_help) {
  command.add_option("--codec", options.codec, codec_help)
      ->check(one_of(datasets::codec_names()))
      ->capture_default_str();
  command
      .add_option("--steps-per-quarter", options.steps_per_quarter, "Grid; 12 also holds triplets")
      ->check(between(1, 96))
      ->capture_default_str();
}

void add_bar_options(CLI::App& command, BarOptions& options) {
  command.add_flag("--no-guess-bars", options.no_guess,
                   "Where a file states no meter, take 4/4 from its start, and do not guess bars "
                   "from its accents and rests");
}

void add_text_option(CLI::App& command, std::string& encoding) {
  const auto check = [](const std::string& name) -> std::string {
    return midi::is_text_encoding(name)
               ? ""
               : "no encoding is called '" + name + "'; `iconv -l` lists their names";
  };
  command
      .add_option("--text-encoding", encoding,
                  "Encoding of the names in the file, such as latin1 or shift_jis; auto guesses")
      ->type_name("NAME")
      ->check(CLI::Validator(check, ""))
      ->capture_default_str();
}

Source load_for(const datasets::Codec& codec, const std::string& path, const BarOptions& bars,
                const CommonOptions& common) {
  Source source = load_source(path, codec, bars.quantizing());
  log_notices(source, common);
  return source;
}

void log_notices(const Source& source, const CommonOptions& common) {
  for (const std::string& line : notices(source)) log(common, "warning: " + line);
  log_how_not_to_guess(source.piece.guess, common);
}

void log_how_not_to_guess(const datasets::BarGuess& guess, const CommonOptions& common) {
  if (guess.any()) log(common, "--no-guess-bars takes bars of 4/4 from the start instead");
}

void warn_dropped(const datasets::Dropped& dropped, const CommonOptions& common) {
  for (const std::string& line : describe(dropped)) log(common, line);
}

void log(const CommonOptions& common, const std::string& line) {
  if (!common.quiet) std::cerr << line << '\n';
}

midi::Meter parse_meter(const std::string& text) {
  const auto meter = meter_from(text);
  if (!meter) throw UsageError("--meter " + text + " is no meter; write it as 3/4");
  return *meter;
}

void check_output(const std::string& output, const CommonOptions& common) {
  if (output == "-" && common.json) throw UsageError("--json and -o - both want standard output");
}

void say_made(const std::string& output, const std::string& text, const CommonOptions& common) {
  if (output != "-") {
    std::cout << text;
  } else if (!common.quiet) {
    std::cerr << text;
  }
}

std::string file_in_folder(const std::string& folder, const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error("cannot make the folder " + folder + ": " + error.message());
  return (std::filesystem::path(folder) / name).string();
}

void print_json(const nlohmann::json& json) {
  std::cout << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace musicvae::commands
