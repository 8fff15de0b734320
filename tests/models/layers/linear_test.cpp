#include "models/layers/linear.hpp"

#include <torch/utils.h>

#include "models/layers/linear_stepper.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

struct Gradients {
  torch::Tensor y, x, weight, bias;
};

template <class Layer>
Gradients run(Layer layer, std::vector<std::int64_t> shape, std::int64_t outputs) {
  torch::manual_seed(7);
  const auto inputs = shape.back();
  auto x = torch::randn(shape).requires_grad_();
  auto weight = torch::randn({outputs, inputs}).requires_grad_();
  auto bias = torch::randn({outputs}).requires_grad_();
  const auto y = layer(x, weight, bias);
  (y * torch::randn(y.sizes())).sum().backward();
  return {y, x.grad(), weight.grad(), bias.grad()};
}

}  // namespace

TEST_CASE("linear and its gradients are those of torch::linear", "[models][linear]") {
  const auto reference = [](const auto& x, const auto& weight, const auto& bias) {
    return torch::linear(x, weight, bias);
  };
  for (const auto& shape :
       {std::vector<std::int64_t>{1, 1}, {7, 5}, {3, 4, 33}, {2, 3, 5, 64}, {129, 17}}) {
    for (const std::int64_t outputs : {1, 3, 90}) {
      const auto ours = run(linear, shape, outputs);
      const auto theirs = run(reference, shape, outputs);
      CHECK(torch::allclose(ours.y, theirs.y, 1e-4, 1e-4));
      CHECK(torch::allclose(ours.x, theirs.x, 1e-4, 1e-4));
      CHECK(torch::allclose(ours.weight, theirs.weight, 1e-4, 1e-4));
      CHECK(torch::allclose(ours.bias, theirs.bias, 1e-4, 1e-4));
    }
  }
}

TEST_CASE("linear leaves its inputs as they are, also of one row", "[models][linear]") {
  const auto x = torch::ones({1, 4});
  const auto weight = torch::ones({3, 4});
  const auto bias = torch::ones({3});
  const auto y = linear(x, weight, bias);
  CHECK(torch::equal(y, torch::full({1, 3}, 5.0)));
  CHECK(torch::equal(bias, torch::ones({3})));
  CHECK(torch::equal(weight, torch::ones({3, 4})));
  CHECK(torch::equal(x, torch::ones({1, 4})));
}

TEST_CASE("linear of no rows is no rows", "[models][linear]") {
  const auto y = linear(torch::zeros({0, 4}), torch::zeros({3, 4}), torch::zeros({3}));
  CHECK(y.sizes() == torch::IntArrayRef({0, 3}));
}

TEST_CASE("linear refuses sizes that do not fit", "[models][linear]") {
  CHECK_THROWS(linear(torch::zeros({2, 5}), torch::zeros({3, 4}), torch::zeros({3})));
}

namespace {

Dense random_dense(std::int64_t inputs, std::int64_t outputs) {
  Dense dense(inputs, outputs, 1.0, seeded(1));
  const torch::NoGradGuard no_grad;
  for (auto& parameter : dense->parameters()) parameter.normal_(0, 1, seeded(2));
  return dense;
}

}  // namespace

TEST_CASE("Step by step a dense layer gives what it gives at once, but for half precision",
          "[models][linear]") {
  for (const std::int64_t outputs : {1, 63, 64, 90, 200}) {
    for (const std::int64_t inputs : {1, 70}) {
      auto dense = random_dense(inputs, outputs);
      LinearStepper stepper(dense);
      for (const std::int64_t rows : {1, 3, 16, 64, 65}) {
        INFO(rows << " rows of " << inputs << " to " << outputs);
        const auto x_NI = torch::randn({rows, inputs}, seeded(3));
        const auto y_NO = stepper.step(x_NI);
        CHECK(torch::allclose(y_NO, dense(x_NI), 2e-3, 2e-2));
        CHECK_FALSE(y_NO.requires_grad());
      }
    }
  }
}

TEST_CASE("Steps of a dense layer are those of its weights as they are", "[models][linear]") {
  auto dense = random_dense(70, 90);
  const auto x_NI = torch::randn({3, 70}, seeded(3));
  const auto before_NO = LinearStepper(dense).step(x_NI);
  const auto distance = [](const torch::Tensor& a, const torch::Tensor& b) {
    return ((a - b).norm() / b.norm()).item<double>();
  };
  const auto check_now = [&] {
    const auto now_NO = LinearStepper(dense).step(x_NI);
    CHECK(distance(now_NO, dense(x_NI)) < 1e-3);
    CHECK(distance(now_NO, before_NO) > 1);
  };
  dense->weight().detach().mul_(-1);
  check_now();
  for (auto& parameter : dense->parameters()) parameter.set_data(parameter.detach() * 3);
  check_now();
  for (auto& parameter : dense->parameters()) parameter.set_data(parameter.detach() * 3);
  check_now();
}

TEST_CASE("Weights beyond half precision, or in double, are not rounded", "[models][linear]") {
  auto dense = random_dense(5, 3);
  dense->weight().detach()[1][1] = 1e6;
  const auto x_NI = torch::randn({2, 5}, seeded(3));
  CHECK(torch::allclose(LinearStepper(dense).step(x_NI), dense(x_NI), 1e-6, 1e-6));
  dense->to(torch::kDouble);
  CHECK(torch::equal(LinearStepper(dense).step(x_NI.to(torch::kDouble)),
                     dense(x_NI.to(torch::kDouble))));
}
