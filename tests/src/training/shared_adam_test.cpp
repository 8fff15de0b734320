#include <array>
#include <optional>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

#include "src/distributed/gradient_sum.hpp"
#include "src/training/adam.hpp"
#include "tests/catch.hpp"
#include "tests/src/together.hpp"

using namespace musicvae;

namespace {

using Network = torch::nn::Sequential;

/// Networks with the same parameters.
template <std::size_t count>
std::array<Network, count> equal_networks() {
  std::array<Network, count> networks;
  for (Network& network : networks) {
    torch::manual_seed(1);
    network = Network(torch::nn::Linear(301, 7), torch::nn::Linear(7, 1));
  }
  return networks;
}

/// One step from the gradients of a sum over `rows`, which other processes add theirs to.
void take_step(Network& network, Adam& adam, const torch::Tensor& rows, GradientSum* others) {
  network->forward(rows).pow(2).sum().backward();
  if (others != nullptr) others->finish();
  adam.step(0.01, {}, torch::ones({}, torch::kBool));
}

}  // namespace

TEST_CASE("Processes that share out Adam's steps take those of one", "[src][distributed][adam]") {
  auto networks = equal_networks<4>();
  auto alone = networks[3];
  Adam adam_alone(*alone);
  const auto rows = torch::randn({9, 301});
  for (int step = 0; step < 5; ++step) take_step(alone, adam_alone, rows, nullptr);

  std::array<std::optional<Adam>, 3> adams;
  together(3, [&](const Distributed& processes) {
    const auto rank = static_cast<std::size_t>(processes.rank());
    Adam& adam = adams[rank].emplace(*networks[rank]);
    adam.share(processes);
    GradientSum sum(networks[rank]->parameters(), processes);
    for (int step = 0; step < 5; ++step) {
      take_step(networks[rank], adam, rows.narrow(0, processes.rank() * 3, 3), &sum);
    }
  });
  for (std::size_t rank = 0; rank < adams.size(); ++rank) {
    for (std::size_t i = 0; i < alone->parameters().size(); ++i) {
      CHECK(torch::allclose(networks[rank]->parameters()[i], alone->parameters()[i], 1e-4, 1e-6));
    }
    for (const auto& [name, moment] : adam_alone.moments()) {
      CHECK(torch::allclose(adams[rank]->moments().at(name), moment, 1e-3, 1e-6));
    }
  }
}

TEST_CASE("What is shared has one place in memory, and a step counts as its change",
          "[src][distributed][adam]") {
  auto networks = equal_networks<2>();
  std::array<std::uint32_t, 2> changes{};
  together(2, [&](const Distributed& processes) {
    const auto rank = static_cast<std::size_t>(processes.rank());
    Adam adam(*networks[rank]);
    adam.share(processes);
    const auto parameter = networks[rank]->parameters()[0];
    for (const auto& each : networks[rank]->parameters()) {
      each.mutable_grad() = torch::ones_like(each);
    }
    const auto before = parameter._version();
    adam.step(0.5, {}, torch::ones({}, torch::kBool));
    changes[rank] = parameter._version() - before;
    processes.meet();
    const torch::NoGradGuard no_grad;
    if (processes.first()) parameter.fill_(7);
    processes.meet();
  });
  CHECK(torch::equal(networks[1]->parameters()[0], torch::full({7, 301}, 7.0)));
  for (const auto change : changes) CHECK(change > 0);
}
