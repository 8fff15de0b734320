#include "src/training/adam.hpp"

#include <limits>

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "models/kernels/threads.hpp"
#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/models/cuda.hpp"

using namespace musicvae;

namespace {

torch::nn::Sequential network(std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::nn::Sequential(torch::nn::Linear(3, 4), torch::nn::Tanh(), torch::nn::Linear(4, 2));
}

torch::Tensor sound() { return torch::ones({}, torch::kBool); }

void backward(torch::nn::Sequential& net, const torch::Tensor& input) {
  net->forward(input).pow(2).sum().backward();
}

}  // namespace

TEST_CASE("Adam takes the steps that torch::optim::Adam takes", "[src][adam]") {
  auto ours = network(1);
  auto theirs = network(1);
  Adam adam(*ours);
  torch::optim::Adam reference(theirs->parameters(), torch::optim::AdamOptions(0.01));
  for (int step = 0; step < 20; ++step) {
    const auto input = torch::randn({5, 3});
    backward(ours, input);
    adam.step(0.01, {}, sound());
    reference.zero_grad();
    backward(theirs, input);
    reference.step();
  }
  for (std::size_t i = 0; i < ours->parameters().size(); ++i) {
    CHECK(torch::allclose(ours->parameters()[i], theirs->parameters()[i], 1e-5, 1e-7));
  }
}

TEST_CASE("A step counts as a change of the parameters", "[src][adam]") {
  auto net = network(1);
  Adam adam(*net);
  std::vector<std::uint32_t> before;
  for (const auto& parameter : net->parameters()) before.push_back(parameter._version());
  backward(net, torch::randn({5, 3}));
  adam.step(0.01, {}, sound());
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(net->parameters()[i]._version() > before[i]);
  }
}

TEST_CASE("Adam shares out large parameters without a change of the result", "[src][adam]") {
  auto one = torch::nn::Sequential(torch::nn::Linear(500, 301));
  auto several = torch::nn::Sequential(torch::nn::Linear(500, 301));
  const torch::NoGradGuard no_grad;
  std::vector<torch::nn::Sequential> nets{one, several};
  for (std::size_t i = 0; i < nets.size(); ++i) {
    torch::manual_seed(1);
    Adam adam(*nets[i]);
    for (auto& parameter : nets[i]->parameters()) parameter.normal_();
    for (auto& parameter : nets[i]->parameters()) {
      parameter.mutable_grad() = torch::randn_like(parameter);
    }
    models::set_thread_count(i == 0 ? 1 : 3);
    adam.step(0.01, {}, sound());
  }
  models::set_thread_count(0);
  for (std::size_t i = 0; i < one->parameters().size(); ++i) {
    CHECK(torch::equal(one->parameters()[i], several->parameters()[i]));
  }
}

TEST_CASE("Adam goes on exactly from its saved moments", "[src][adam]") {
  auto whole = network(2);
  auto resumed = network(2);
  Adam first(*whole);
  Adam before(*resumed);
  const auto input = torch::randn({5, 3});
  for (int step = 0; step < 3; ++step) {
    backward(whole, input);
    first.step(0.01, {}, sound());
    backward(resumed, input);
    before.step(0.01, {}, sound());
  }
  Adam after(*resumed);
  after.load_moments(before.moments(), before.steps());
  for (int step = 0; step < 3; ++step) {
    backward(whole, input);
    first.step(0.01, {}, sound());
    backward(resumed, input);
    after.step(0.01, {}, sound());
  }
  for (std::size_t i = 0; i < whole->parameters().size(); ++i) {
    CHECK(torch::equal(whole->parameters()[i], resumed->parameters()[i]));
  }
}

TEST_CASE("Moments that are missing or of another shape are refused", "[src][adam]") {
  auto net = network(3);
  Adam adam(*net);
  auto moments = adam.moments();
  moments.begin()->second = torch::zeros({7});
  CHECK_THROWS_AS(adam.load_moments(moments, 1), Error);
  moments.erase(moments.begin());
  CHECK_THROWS_AS(adam.load_moments(moments, 1), Error);
}

namespace {

double gradient_norm(torch::nn::Sequential& net) {
  std::vector<torch::Tensor> flat;
  for (const auto& parameter : net->parameters()) flat.push_back(parameter.grad().flatten());
  return torch::cat(flat).norm().item<double>();
}

std::vector<torch::Tensor> copies(torch::nn::Sequential& net) {
  std::vector<torch::Tensor> copies;
  for (const auto& parameter : net->parameters()) copies.push_back(parameter.detach().clone());
  return copies;
}

bool unchanged(torch::nn::Sequential& net, const std::vector<torch::Tensor>& before) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!torch::equal(net->parameters()[i].cpu(), before[i].cpu())) return false;
  }
  return true;
}

/// One step from a random gradient, on the CPU and on `device`, under the same limits.
void check_same_step(const torch::Device& device, Adam& adam, torch::nn::Sequential& net,
                     Adam& adam_there, torch::nn::Sequential& there, const GradientLimits& limits) {
  const auto input = torch::randn({5, 3});
  backward(net, input);
  backward(there, input.to(device));
  adam.step(0.01, limits, sound());
  adam_there.step(0.01, limits, sound().to(device));
  for (std::size_t i = 0; i < net->parameters().size(); ++i) {
    CHECK(torch::allclose(there->parameters()[i].cpu(), net->parameters()[i], 1e-4, 1e-6));
  }
  CHECK(adam_there.steps() == adam.steps());
}

}  // namespace

TEST_CASE("A gradient longer than the limit is scaled to it", "[src][adam]") {
  auto ours = network(4);
  auto theirs = network(4);
  Adam adam(*ours);
  torch::optim::Adam reference(theirs->parameters(), torch::optim::AdamOptions(0.01));
  for (int step = 0; step < 5; ++step) {
    const auto input = torch::randn({5, 3}) * (1 << step);
    backward(ours, input);
    reference.zero_grad();
    backward(theirs, input);
    const double limit = 0.5 * gradient_norm(ours);
    for (auto& parameter : theirs->parameters()) parameter.mutable_grad().mul_(0.5);
    adam.step(0.01, {.clip_norm = limit}, sound());
    reference.step();
  }
  for (std::size_t i = 0; i < ours->parameters().size(); ++i) {
    CHECK(torch::allclose(ours->parameters()[i], theirs->parameters()[i], 1e-4, 1e-6));
  }
}

TEST_CASE("A gradient that is too long, or a loss or gradient that is no number, changes nothing",
          "[src][adam]") {
  std::vector<torch::Device> devices{torch::kCPU};
  if (torch::cuda::is_available()) devices.emplace_back(torch::kCUDA);
  for (const auto& device : devices) {
    auto net = network(5);
    net->to(device);
    Adam adam(*net);
    const auto good = sound().to(device);
    const auto input = torch::randn({5, 3}).to(device);
    backward(net, input);
    adam.step(0.01, {}, good);
    const auto before = copies(net);

    backward(net, input);
    CHECK(adam.step(0.01, {.skip_norm = 1e-6}, good).item<bool>());
    CHECK(unchanged(net, before));

    backward(net, input);
    CHECK_FALSE(adam.step(0.01, {}, ~good).item<bool>());
    CHECK(unchanged(net, before));

    backward(net, input * std::numeric_limits<float>::quiet_NaN());
    CHECK_FALSE(adam.step(0.01, {.clip_norm = 1}, good).item<bool>());
    CHECK(unchanged(net, before));
    CHECK(adam.steps() == 1);
    CHECK_FALSE(net->parameters()[0].grad().defined());

    backward(net, input);
    adam.step(0.01, {}, good);
    CHECK_FALSE(unchanged(net, before));
  }
}

TEST_CASE("Adam takes the same steps on a CUDA device", "[src][adam][cuda]") {
  if (!cuda_at_hand()) return;
  auto net = network(6);
  auto there = network(6);
  there->to(torch::kCUDA);
  Adam adam(*net);
  Adam adam_there(*there);
  for (const GradientLimits& limits :
       {GradientLimits{}, GradientLimits{.clip_norm = 0.1}, GradientLimits{.skip_norm = 1e-3},
        GradientLimits{.clip_norm = 0.1, .skip_norm = 100}}) {
    check_same_step(torch::kCUDA, adam, net, adam_there, there, limits);
  }
}
