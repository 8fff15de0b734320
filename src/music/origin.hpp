#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "midi/score.hpp"

namespace musicvae {

/// `word` as a shell takes it for one word.
std::string shell_word(const std::string& word);

/// How music was made: the command line that makes it again, as its files tell it.
class Origin {
 public:
  explicit Origin(std::string command) : words_(std::move(command)) {}

  /// Adds a file or another word that no flag goes before.
  void add_word(const std::string& word);
  /// Adds a flag with its values, unless it is there.
  void add(const std::string& flag, const std::vector<std::string>& values);
  void add(const std::string& flag, const std::string& value) { add(flag, std::vector{value}); }

  /// Adds a flag that is said again with each of its values, unless it is there.
  void add_each(const std::string& flag, const std::vector<std::string>& values);

  /// The command line, without the name of the program; the same whoever chose.
  std::string command() const;
  /// What a file says: program, version, command line.
  std::string text() const;

 private:
  std::string words_;                         // The command and its files.
  std::map<std::string, std::string> flags_;  // With their values.
};

/// `score` with its origin as the first text event.
midi::Score with_origin(midi::Score score, const std::string& origin);

}  // namespace musicvae
