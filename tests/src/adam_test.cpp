#include "src/adam.hpp"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "src/error.hpp"
#include "tests/catch.hpp"

using namespace musicvae;

namespace {

torch::nn::Sequential network(std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::nn::Sequential(torch::nn::Linear(3, 4), torch::nn::Tanh(), torch::nn::Linear(4, 2));
}

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
    adam.step(0.01, 1.0);
    reference.zero_grad();
    backward(theirs, input);
    reference.step();
  }
  for (std::size_t i = 0; i < ours->parameters().size(); ++i) {
    CHECK(torch::allclose(ours->parameters()[i], theirs->parameters()[i], 1e-5, 1e-7));
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
    first.step(0.01, 1.0);
    backward(resumed, input);
    before.step(0.01, 1.0);
  }
  Adam after(*resumed);
  after.load_moments(before.moments(), before.steps());
  for (int step = 0; step < 3; ++step) {
    backward(whole, input);
    first.step(0.01, 1.0);
    backward(resumed, input);
    after.step(0.01, 1.0);
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
