#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "datasets/corpus/corpus.hpp"
#include "src/commands/options/common.hpp"

namespace musicvae::commands {

/// The music a command works on, and how it is split.
struct CorpusInput {
  std::vector<std::string> paths;
  std::optional<double> validation_share;  ///< As datasets::CorpusOptions::validation_share.
  std::vector<std::string> hold_out;
  bool keep_performed = false;
  BarOptions bars;
};
void add_corpus_options(CLI::App& command, CorpusInput& input);
/// Has no piece held out that a user did not ask for, where all of the music is of one use.
void hold_nothing_out(CorpusInput& input);
/// Throws UsageError where `command` was given no music.
void check_paths(const CorpusInput& input, const std::string& command);

/// The corpus at `paths` where that is one prepared file, else one prepared from them at
/// `prepared`. The result's path. Throws Error where a prepared corpus is of another codec
/// or grid.
std::filesystem::path corpus_for(const CorpusInput& input, const std::string& codec,
                                 const datasets::Grid& grid, const std::filesystem::path& prepared,
                                 const CommonOptions& common);
/// As above; one prepared has no name, and goes with the process, however that ends. What became of
/// the files is written to `report` where they were prepared.
datasets::Corpus corpus_for(const CorpusInput& input, const std::string& codec,
                            const datasets::Grid& grid, const CommonOptions& common,
                            std::optional<datasets::CorpusReport>& report);

/// Prepares a corpus with a progress line; Ctrl-C throws Interrupted.
datasets::CorpusReport prepare(const CorpusInput& input, const std::string& codec,
                               const datasets::Grid& grid, const std::filesystem::path& output,
                               const CommonOptions& common);

nlohmann::json to_json(const datasets::CorpusReport& report);

}  // namespace musicvae::commands
