#include "src/commands/options/model_input.hpp"

#include <torch/cuda.h>

#include "models/kernels/threads.hpp"
#include "src/base/error.hpp"

namespace musicvae::commands {
namespace {

/// For generation, which leaves LibTorch's operators little to do: they take no more threads than
/// that, but none are started for them.
void use_threads_in_kernels(int threads) {
  models::set_thread_count(threads);
  if (at::get_num_threads() > models::thread_count()) at::set_num_threads(models::thread_count());
}

}  // namespace

void add_model_options(CLI::App& command, ModelOptions& options) {
  auto* const model =
      command.add_option("-m,--model", options.model, "Model file, or name of a model at hand");
  if (!options.model.empty()) model->capture_default_str();
  command.add_option("--device", options.device, "Where the network runs")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str();
}

void add_generation_options(CLI::App& command, GenerationOptions& options) {
  command.add_option("--seed", options.seed, "Same seed, same music")->capture_default_str();
  command
      .add_option("--temperature", options.temperature,
                  "Above 1 bolder, below 1 safer, 0 the likeliest row each time")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
}

MusicModel load_model(const ModelOptions& options, const CommonOptions& common) {
  use_threads_in_kernels(common.threads);
  MusicModel model = musicvae::load_model(options.model, pick_device(options.device));
  if (common.verbose) {
    log(common, "model " + options.model + ": " + model.network->config().family + ", codec " +
                    std::string(model.codec->name()) + ", " + std::to_string(model.bars()) +
                    " bars; on " + model.device.str() + " with " +
                    std::to_string(models::thread_count()) + " threads");
  }
  return model;
}

torch::Device pick_device(const std::string& name) {
  const bool has_cuda = torch::cuda::is_available();
  if (name == "cuda" && !has_cuda) {
    throw Error("no CUDA device is at hand; use --device cpu");
  }
  return name != "cpu" && has_cuda ? torch::kCUDA : torch::kCPU;
}

void use_threads(int threads) {
  models::set_thread_count(threads);
  at::set_num_threads(models::thread_count());
}

}  // namespace musicvae::commands
