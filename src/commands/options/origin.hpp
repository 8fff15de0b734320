#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "midi/score.hpp"

namespace musicvae::commands {

/// How music was made: the command line that makes it again, as its files tell it.
class Origin {
 public:
  /// What was given to `command`, without what has no influence on the music.
  explicit Origin(const CLI::App& command);

  /// Adds what the program chose, unless it was given: the model, a new seed.
  void add(const std::string& flag, const std::string& value);
  /// The same whoever chose.
  std::string text() const;

 private:
  std::string words_;                         // The command and its files.
  std::map<std::string, std::string> flags_;  // With their values.
};

/// Writes `score` with its origin as the first text event; "-" is standard output.
void write_made(midi::Score score, const std::string& origin, const std::string& path);

}  // namespace musicvae::commands
