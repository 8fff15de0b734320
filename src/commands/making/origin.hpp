#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "src/music/origin.hpp"

namespace musicvae::commands {

/// What was given to `command`, without what has no influence on the music.
Origin origin_of(const CLI::App& command);

/// Writes `score` with its origin as the first text event; "-" is standard output.
void write_made(midi::Score score, const std::string& origin, const std::string& path);

}  // namespace musicvae::commands
