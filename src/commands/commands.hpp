#pragma once

#include <CLI/CLI.hpp>

/// One function a command: it declares the command's options and what to run once they are parsed.
namespace musicvae::commands {

void setup_inspect(CLI::App& app);
void setup_prepare(CLI::App& app);
void setup_train(CLI::App& app);
void setup_evaluate(CLI::App& app);
void setup_reconstruct(CLI::App& app);
void setup_sample(CLI::App& app);
void setup_interpolate(CLI::App& app);
void setup_models(CLI::App& app);
void setup_ports(CLI::App& app);  ///< Only where live ports are built in.

}  // namespace musicvae::commands
