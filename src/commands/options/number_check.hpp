#pragma once

#include <CLI/CLI.hpp>

namespace musicvae::commands {

/// Makes all options of a command that take a number refuse those that it cannot hold. CLI11 itself
/// takes -1 for the largest number of a kind without a sign, and the largest for any larger one.
void refuse_odd_numbers(CLI::App& command);

}  // namespace musicvae::commands
