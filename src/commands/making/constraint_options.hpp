#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "src/music/constraints/constraints.hpp"
#include "src/music/source.hpp"

namespace musicvae::commands {

/// What a user asks of new music. Words are as the user wrote them, empty where nothing is asked.
struct ConstraintOptions {
  std::string key;
  std::string scale;
  std::string chords;
  std::string range;
  int polyphony = 0;   ///< 0: any.
  double density = 0;  ///< Notes a bar; 0: as the model likes.
};

/// --key, --scale, --chords, --range, --polyphony and --density. `bars` tells which bar the first
/// chord stands in.
void add_constraint_options(CLI::App& command, ConstraintOptions& options, const std::string& bars);

/// Throws UsageError, which names the flag, where words make no sense, or Error where a file of
/// chords cannot be read.
Constraints constraints_of(const ConstraintOptions& options);

/// The key signature of --key. Nothing where none was given, or --scale or a mode makes it no key.
std::optional<midi::KeyChange> stated_key(const ConstraintOptions& options);
/// Has `source` state the key of --key, if there is one, in place of its own.
void state_key(const ConstraintOptions& options, Source& source);

/// `constraints` that speak of new bars alone, which stand at `places` (ascending) among `total`.
Constraints at_places(const Constraints& constraints, const std::vector<int>& places,
                      std::size_t total);

}  // namespace musicvae::commands
