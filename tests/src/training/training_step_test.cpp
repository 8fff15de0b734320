#include "src/training/training_step.hpp"

#include <limits>

#include "models/runtime/mixed_precision.hpp"
#include "tests/catch.hpp"
#include "tests/models/cuda.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae;

namespace {

/// A small model and its steps on a device.
struct Setting {
  Setting(const models::ModelConfig& config, const torch::Device& device)
      : network(on(models::vivid_model(config, 1), device)),
        batch(models::random_batch(config, 2).to(device)),
        training(*network, options, processes) {}

  static TrainingOptions small_options() {
    TrainingOptions options;
    options.batch_size = 2;
    options.scheduled_sampling = 10;
    options.row_dropout = 0.2;
    return options;
  }
  static std::shared_ptr<models::Model> on(std::shared_ptr<models::Model> model,
                                           const torch::Device& device) {
    model->to(device);
    return model;
  }

  std::shared_ptr<models::Model> network;
  models::Batch batch;
  TrainingOptions options = small_options();
  Distributed processes;
  TrainingStep training;
};

TEST_CASE("Losses and parameters follow those of the CPU on a CUDA device", "[src][cuda]") {
  if (!cuda_at_hand()) return;
  const auto config = models::small_config("hierarchical", models::RowKind::kTokens);
  Setting here(config, torch::kCPU);
  Setting there(config, torch::kCUDA);
  for (int step = 0; step < 5; ++step) {
    const auto expected = here.training.take(here.batch, step);
    CHECK(there.training.take(there.batch, step).loss() == Approx(expected.loss()).epsilon(0.01));
  }
}

TEST_CASE("A step whose loss is no number changes nothing and is told of", "[src]") {
  std::vector<torch::Device> devices{torch::kCPU};
  if (torch::cuda::is_available()) devices.emplace_back(torch::kCUDA);
  const auto config = models::small_config("hierarchical", models::RowKind::kTokens);
  for (const auto& device : devices) {
    Setting setting(config, device);
    setting.training.take(setting.batch, 0);
    setting.training.check();
    std::vector<torch::Tensor> before;
    for (const auto& parameter : setting.network->parameters()) {
      before.push_back(parameter.detach().clone());
    }
    setting.options.beta = std::numeric_limits<double>::infinity();
    const auto take = [&] {
      setting.training.take(setting.batch, 1);
      setting.training.check();
    };
    CHECK_THROWS_AS(take(), NotANumber);
    for (std::size_t i = 0; i < before.size(); ++i) {
      CHECK(torch::equal(setting.network->parameters()[i], before[i]));
    }
    CHECK(setting.training.optimizer().steps() == 1);
  }
}

}  // namespace
