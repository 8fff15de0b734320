#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "src/commands/options/common.hpp"

namespace musicvae::commands {

/// Where to show music that is made; empty where nowhere.
struct ShowRequest {
  std::string report;
  std::string svg;
};

/// --report and --svg.
void add_show_options(CLI::App& command, ShowRequest& request);
/// Throws UsageError where music goes to standard output, and Error where a page or picture could
/// not be written.
void check_show(const ShowRequest& request, const std::string& output);

/// Shows what was made: on a page with the files it was made from before it, and as pictures.
/// Each of several pieces has a picture of its own, with a number before the name's end.
void show_made(const ShowRequest& request, const std::vector<std::string>& inputs,
               const std::vector<std::string>& files, const CommonOptions& common);

/// Writes a page with the pieces of MIDI files; gives how many pieces they have.
std::size_t write_report(const std::vector<std::string>& files, const std::string& title,
                         const std::string& output);

}  // namespace musicvae::commands
