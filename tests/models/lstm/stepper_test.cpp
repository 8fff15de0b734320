#include "models/lstm/stepper.hpp"

#include <torch/utils.h>

#include "models/kernels/threads.hpp"
#include "tests/catch.hpp"
#include "tests/models/lstm_case.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// The error that rounding the weights to half precision may cause.
constexpr double kHalfPrecision = 1e-3;

/// Compares running `made` step by step with running the whole sequence at once.
void check_stepping(const LstmCase& made, double tolerance) {
  INFO(made.description());
  const auto whole = made.lstm->forward(made.input, made.initial);
  LstmStepper stepper(made.lstm);
  stepper.start(made.initial.h_LNH.size(1), made.initial,
                stepper.prepare_constant(made.input.constant_NC));
  const auto at = [](const Tensor& stepwise, std::int64_t t) {
    return stepwise.defined() ? stepwise.select(1, t) : Tensor{};
  };
  for (std::int64_t t = 0; t < made.input.steps; ++t) {
    const auto h_NH = stepper.step(at(made.input.tokens_NT, t), at(made.input.dense_NTF, t));
    CHECK(relative_error(h_NH, whole.output_NTD.select(1, t)) < tolerance);
  }
  CHECK(relative_error(stepper.state().h_LNH, whole.final.h_LNH) < tolerance);
  CHECK(relative_error(stepper.state().c_LNH, whole.final.c_LNH) < tolerance);
}

TEST_CASE("Stepping gives what the whole sequence gives", "[models][lstm][stepper]") {
  for (const auto& options :
       {LstmOptions{5, 3, 2, 7, 2, false}, LstmOptions{5, 0, 0, 40, 1, false},
        LstmOptions{0, 3, 0, 16, 3, false}, LstmOptions{0, 0, 4, 20, 1, false},
        LstmOptions{5, 0, 4, 64, 2, false}, LstmOptions{5, 2, 4, 300, 2, false}}) {
    for (const std::int64_t n : {1, 3, 5, 37, 70}) {
      check_stepping(make_case(options, {n, 4}, false, torch::kFloat), kHalfPrecision);
      check_stepping(make_case(options, {n, 4}, false, torch::kDouble), 1e-5);
    }
  }
}

TEST_CASE("Weights that half precision holds step exactly", "[models][lstm][stepper]") {
  const auto made = make_case({5, 2, 4, 40, 2, false}, {7, 6}, false, torch::kFloat);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : made.lstm->parameters()) {
    parameter.copy_(parameter.to(torch::kHalf).to(torch::kFloat));
  }
  check_stepping(made, 1e-5);
}

TEST_CASE("Weights too large for half precision step as well", "[models][lstm][stepper]") {
  const auto made = make_case({5, 0, 0, 8, 1, false}, {2, 3}, false, torch::kFloat);
  const torch::NoGradGuard no_grad;
  made.lstm->weights()[0].recurrent_HG.mul_(1e6);
  check_stepping(made, 1e-5);
}

TEST_CASE("A stepper leaves the states it was started from alone, and can start from its own",
          "[models][lstm][stepper]") {
  const auto made = make_case({5, 0, 4, 16, 2, false}, {3, 2}, false, torch::kFloat);
  const auto before = made.initial.h_LNH.detach().clone();
  const auto whole = made.lstm->forward(made.input, made.initial);
  LstmStepper stepper(made.lstm);
  const auto prepared = stepper.prepare_constant(made.input.constant_NC);
  stepper.start(3, made.initial, prepared);
  stepper.step(made.input.tokens_NT.select(1, 0));
  stepper.start(3, stepper.state(), prepared);
  const auto h_NH = stepper.step(made.input.tokens_NT.select(1, 1));
  CHECK(torch::equal(made.initial.h_LNH.detach(), before));
  CHECK(relative_error(h_NH, whole.output_NTD.select(1, 1)) < kHalfPrecision);
}

TEST_CASE("A stepper made after the weights have changed steps with the new ones",
          "[models][lstm][stepper]") {
  const auto made = make_case({5, 2, 4, 20, 2, false}, {2, 3}, false, torch::kFloat);
  const auto many = make_case({5, 2, 4, 20, 2, false}, {70, 3}, false, torch::kFloat);
  check_stepping(made, kHalfPrecision);
  const torch::NoGradGuard no_grad;
  for (const auto& layer : made.lstm->weights()) layer.recurrent_HG.mul_(-1);
  check_stepping(made, kHalfPrecision);
  check_stepping(many, kHalfPrecision);
  many.lstm->weights()[1].input_IG.neg_();
  check_stepping(many, kHalfPrecision);
  for (auto& parameter : many.lstm->parameters()) {
    parameter.set_data(parameter.detach() + 1e-2);
  }
  check_stepping(many, kHalfPrecision);
}

TEST_CASE("Any number of threads steps alike, however weights were laid out",
          "[models][lstm][stepper]") {
  const auto made = make_case({5, 2, 4, 300, 2, false}, {3, 5}, false, torch::kFloat);
  const torch::NoGradGuard no_grad;
  Tensor expected_NTH;
  for (const bool anew : {false, true}) {
    for (const int threads : {1, 2, 5}) {
      INFO(threads << " threads");
      set_thread_count(threads);
      if (anew) made.lstm->weights()[0].recurrent_HG.mul_(1);
      const auto h_NTH = step_through(made.lstm, made.input, made.initial);
      set_thread_count(0);
      if (!expected_NTH.defined()) expected_NTH = h_NTH;
      CHECK(torch::equal(h_NTH, expected_NTH));
    }
  }
}

TEST_CASE("A sequence steps alike whatever sequences are beside it", "[models][lstm][stepper]") {
  const auto made = make_case({5, 2, 0, 300, 2, false}, {70, 4}, false, torch::kFloat);
  const auto all_NTH = step_through(made.lstm, made.input, made.initial);
  for (const std::int64_t n : {1, 3, 16}) {
    LstmInput input = made.input;
    input.tokens_NT = input.tokens_NT.narrow(0, 2, n);
    input.dense_NTF = input.dense_NTF.narrow(0, 2, n);
    const LstmState initial{made.initial.h_LNH.narrow(1, 2, n), made.initial.c_LNH.narrow(1, 2, n)};
    CHECK(torch::equal(step_through(made.lstm, input, initial), all_NTH.narrow(0, 2, n)));
  }
}

TEST_CASE("Stepping through a sequence gives what running it at once gives",
          "[models][lstm][stepper]") {
  for (const std::int64_t n : {2, 70}) {
    const auto made = make_case({0, 3, 2, 40, 2, false}, {n, 5}, false, torch::kFloat);
    const auto whole = made.lstm->forward(made.input, made.initial);
    const auto h_NTH = step_through(made.lstm, made.input, made.initial);
    CHECK(relative_error(h_NTH, whole.output_NTD) < kHalfPrecision);
  }
}

TEST_CASE("A stepper refuses tokens out of range and another number of sequences",
          "[models][lstm][stepper]") {
  LstmStepper stepper(Lstm(LstmOptions{.token_classes = 5, .hidden = 4}));
  stepper.start(2);
  CHECK_THROWS_AS(stepper.step(torch::tensor({0, 5}, torch::kInt64)), c10::Error);
  CHECK_THROWS_AS(stepper.step(torch::tensor({0, 1, 2}, torch::kInt64)), c10::Error);
}

}  // namespace
}  // namespace musicvae::models
