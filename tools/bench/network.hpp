#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "models/model.hpp"

namespace musicvae::bench {

/// The network that train and generate time. The defaults are a reference shape of 9.8 million
/// parameters: 16 bars of 16 melody tokens.
struct NetworkOptions {
  models::ModelConfig config = reference_shape();
  int rows = 16;    ///< Rows of each bar.
  int batch = 64;   ///< Passages of a step of training, or songs to generate.
  int threads = 0;  ///< 0 is one for each core that the process may use.
  std::string device = "cpu";

  static models::ModelConfig reference_shape();
};

void add_network_options(CLI::App& command, NetworkOptions& options);

/// Sets the thread count and makes the network, always the same, on the device. Throws Error where
/// there is no such device.
std::shared_ptr<models::Model> make_network(const NetworkOptions& options);

}  // namespace musicvae::bench
