#include "tools/bench/network.hpp"

#include <map>

#include <torch/cuda.h>

#include "models/kernels/threads.hpp"
#include "src/base/error.hpp"
#include "src/music/generation.hpp"

namespace musicvae::bench {

models::ModelConfig NetworkOptions::reference_shape() {
  models::ModelConfig config;
  config.row_width = 90;
  config.bars = 16;
  config.latent = 256;
  config.encoder = {1, 512};
  config.conductor = {1, 512};
  config.decoder = {2, 512};
  return config;
}

void add_network_options(CLI::App& command, NetworkOptions& options) {
  auto& config = options.config;
  const auto add = [&](const char* flag, int& value, const char* help) {
    command.add_option(flag, value, help)->check(CLI::Range(0, 1 << 20))->capture_default_str();
  };
  command.add_option("--family", config.family, "Model family")
      ->check(CLI::IsMember(models::family_names()))
      ->capture_default_str();
  add("--classes", config.row_width, "Classes of a token");
  add("--bars", config.bars, "Bars of a passage");
  add("--rows", options.rows, "Rows of a bar");
  add("--latent", config.latent, "Dimensions of z");
  add("--encoder-layers", config.encoder.layers, "");
  add("--encoder-hidden", config.encoder.hidden, "Units a direction");
  add("--conductor-layers", config.conductor.layers, "");
  add("--conductor-hidden", config.conductor.hidden, "");
  add("--decoder-layers", config.decoder.layers, "");
  add("--decoder-hidden", config.decoder.hidden, "");
  command.add_option("--carry-row", config.carry_row, "Bars in turn, or all at once")
      ->capture_default_str();
  add("--batch", options.batch, "Passages at once");
  add("--threads", options.threads, "0 is one a core");
  command.add_option("--device", options.device, "Where the network runs")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
}

std::shared_ptr<models::Model> make_network(const NetworkOptions& options) {
  models::set_thread_count(options.threads);
  at::set_num_threads(models::thread_count());
  if (options.device == "cuda" && !torch::cuda::is_available()) {
    throw Error("no CUDA device is at hand");
  }
  auto config = options.config;
  if (models::needs_slots(config)) config.rows_per_bar = options.rows;
  if (config.family == "pianotree") config.pitch_count = config.row_width / 2;
  auto network = models::make_model(config, make_generator(1));
  network->to(torch::Device(options.device));
  return network;
}

}  // namespace musicvae::bench
