#include "src/distributed/gradient_sum.hpp"

#include <array>

#include "tests/catch.hpp"
#include "tests/src/together.hpp"

using namespace musicvae;

namespace {

/// The network y = sum (a + 2 b) x. Its parameter c is in no sum.
struct Parameters {
  torch::Tensor a = torch::ones({3}).requires_grad_();
  torch::Tensor b = torch::ones({2, 3}).requires_grad_();
  torch::Tensor c = torch::ones({4}).requires_grad_();

  std::vector<torch::Tensor> all() const { return {a, b, c}; }
  void backward(double x) const { ((a + 2 * b).sum() * x).backward(); }
};

}  // namespace

TEST_CASE("Every process gets the sum of all gradients, step for step", "[src][distributed]") {
  std::array<std::array<Parameters, 2>, 3> steps;
  together(3, [&](const Distributed& processes) {
    const auto rank = static_cast<std::size_t>(processes.rank());
    const Parameters& own = steps[rank][0];
    GradientSum sum(own.all(), processes, /*bucket_size=*/4);
    for (std::size_t step = 0; step < 2; ++step) {
      for (const auto& parameter : own.all()) parameter.mutable_grad().reset();
      own.backward(static_cast<double>((rank + 1) * (step + 1)));
      sum.finish();
      if (step == 0) steps[rank][1].a.mutable_grad() = own.a.grad().clone();
    }
  });
  for (const auto& [last, first] : steps) {
    CHECK(torch::equal(first.a.grad(), torch::full({3}, 2.0 * 6)));
    CHECK(torch::equal(last.a.grad(), torch::full({3}, 2.0 * 12)));
    CHECK(torch::equal(last.b.grad(), torch::full({2, 3}, 2.0 * 12)));
    CHECK(torch::equal(last.c.grad(), torch::zeros({4})));
  }
}

TEST_CASE("A parameter without a gradient has none of the step before", "[src][distributed]") {
  std::array<Parameters, 2> parameters;
  together(2, [&](const Distributed& processes) {
    const Parameters& own = parameters[static_cast<std::size_t>(processes.rank())];
    GradientSum sum(own.all(), processes);
    own.backward(1);
    sum.finish();
    for (const auto& parameter : own.all()) parameter.mutable_grad().reset();
    own.a.sum().backward();
    sum.finish();
  });
  for (const auto& each : parameters) {
    CHECK(torch::equal(each.a.grad(), torch::full({3}, 2.0)));
    CHECK(torch::equal(each.b.grad(), torch::zeros({2, 3})));
  }
}

TEST_CASE("Texts, files and tensors of process 0 reach the others", "[src][distributed]") {
  std::array<std::string, 2> texts;
  std::array<torch::Tensor, 2> tensors;
  std::array<double, 2> largest{};
  together(2, [&](const Distributed& processes) {
    const auto rank = static_cast<std::size_t>(processes.rank());
    texts[rank] = processes.tell([] { return std::string("a\0b", 3); });
    tensors[rank] = torch::full({2}, static_cast<double>(rank));
    processes.broadcast({tensors[rank]});
    largest[rank] = static_cast<double>(processes.max(10 * processes.rank()));
  });
  CHECK(texts[1] == std::string("a\0b", 3));
  CHECK(torch::equal(tensors[1], torch::zeros({2})));
  CHECK(largest == std::array<double, 2>{10, 10});
}

TEST_CASE("A process alone keeps its gradients as they are", "[src][distributed]") {
  const Parameters parameters;
  GradientSum sum(parameters.all(), Distributed());
  parameters.backward(1);
  sum.finish();
  CHECK(torch::equal(parameters.a.grad(), torch::full({3}, 2.0)));
  CHECK_FALSE(parameters.c.grad().defined());
}
