#include "models/lstm/lstm.hpp"

#include <cmath>
#include <functional>
#include <random>
#include <string>

#include <torch/autograd.h>
#include <torch/nn/modules/rnn.h>
#include <torch/nn/utils.h>
#include <torch/utils.h>

#include "models/kernels/threads.hpp"
#include "models/lstm/cudnn.hpp"
#include "models/lstm/input.hpp"
#include "models/lstm/reference.hpp"
#include "models/runtime/mixed_precision.hpp"
#include "tests/catch.hpp"
#include "tests/models/bfloat16.hpp"
#include "tests/models/cuda.hpp"
#include "tests/models/lstm_case.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// The inputs as the vectors that torch::nn::LSTM takes.
Tensor materialised(const LstmCase& made) {
  const auto& input = made.input;
  std::vector<Tensor> pieces;
  if (input.tokens_NT.defined()) {
    const auto classes_V = torch::arange(made.options.token_classes);
    pieces.push_back((input.tokens_NT.unsqueeze(-1) == classes_V).to(made.initial.h_LNH.dtype()));
  }
  if (input.dense_NTF.defined()) pieces.push_back(input.dense_NTF);
  if (input.constant_NC.defined()) {
    pieces.push_back(input.constant_NC.unsqueeze(1).expand({-1, input.steps, -1}));
  }
  return torch::cat(pieces, 2);
}

torch::nn::LSTM torch_lstm(const LstmCase& made) {
  const auto& options = made.options;
  torch::nn::LSTM lstm(torch::nn::LSTMOptions(lstm_inputs(options), options.hidden)
                           .num_layers(options.layers)
                           .bidirectional(options.bidirectional)
                           .batch_first(true));
  lstm->to(made.initial.h_LNH.scalar_type());
  const torch::NoGradGuard no_grad;
  auto own = lstm->named_parameters();
  for (const auto& parameter : made.lstm->named_parameters()) {
    const auto& name = parameter.key();
    if (name.starts_with("bias")) {
      own["bias_ih" + name.substr(4)].copy_(parameter.value());
      own["bias_hh" + name.substr(4)].zero_();
    } else {
      own[name].copy_(parameter.value().t());
    }
  }
  return lstm;
}

/// torch::nn::LSTM on the same parameters and inputs, ragged by packing; no sequence may be empty.
LstmOutput run_torch(torch::nn::LSTM& lstm, const LstmCase& made) {
  const auto input_NTI = materialised(made);
  const auto state = std::make_tuple(made.initial.h_LNH, made.initial.c_LNH);
  if (!made.input.lengths_N.defined()) {
    const auto [output, last] = lstm->forward(input_NTI, state);
    return {output, {std::get<0>(last), std::get<1>(last)}};
  }
  const auto packed = torch::nn::utils::rnn::pack_padded_sequence(
      input_NTI, made.input.lengths_N, /*batch_first=*/true, /*enforce_sorted=*/false);
  const auto [output, last] = lstm->forward_with_packed_input(packed, state);
  const auto padded = torch::nn::utils::rnn::pad_packed_sequence(output, /*batch_first=*/true, 0.0,
                                                                 made.input.steps);
  return {std::get<0>(padded), {std::get<0>(last), std::get<1>(last)}};
}

/// A scalar in which every element of every output counts differently.
Tensor weighted_sum(const LstmOutput& output) {
  Tensor total = torch::zeros({}, output.final.h_LNH.options());
  for (const auto& part :
       {output.output_NTD, output.output_PD, output.final.h_LNH, output.final.c_LNH}) {
    if (!part.defined()) continue;
    const auto index = torch::arange(part.numel(), part.options().requires_grad(false));
    total = total + (part * torch::cos(index).view(part.sizes())).sum();
  }
  return total;
}

/// All tensors of the case that want a gradient.
std::vector<Tensor> leaves(const LstmCase& made) {
  auto all = made.lstm->parameters();
  for (const auto& tensor :
       {made.input.dense_NTF, made.input.constant_NC, made.initial.h_LNH, made.initial.c_LNH}) {
    if (tensor.defined() && tensor.requires_grad()) all.push_back(tensor);
  }
  return all;
}

std::vector<Tensor> gradients(const LstmOutput& output,
                              const std::vector<Tensor>& with_respect_to) {
  return torch::autograd::grad({weighted_sum(output)}, with_respect_to, {}, /*retain_graph=*/true,
                               /*create_graph=*/false, /*allow_unused=*/true);
}

void check_close(const LstmOutput& actual, const LstmOutput& expected, double tolerance) {
  CHECK(relative_error(actual.output_NTD, expected.output_NTD) < tolerance);
  CHECK(relative_error(actual.final.h_LNH, expected.final.h_LNH) < tolerance);
  CHECK(relative_error(actual.final.c_LNH, expected.final.c_LNH) < tolerance);
}

void check_close(const std::vector<Tensor>& actual, const std::vector<Tensor>& expected,
                 double tolerance) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    INFO("gradient " << i);
    REQUIRE(actual[i].defined() == expected[i].defined());
    if (actual[i].defined()) CHECK(relative_error(actual[i], expected[i]) < tolerance);
  }
}

LstmOptions random_options(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % n); };
  LstmOptions options;
  const int kinds = 1 + below(7);  // at least one of the three
  options.token_classes = kinds & 1 ? 1 + below(20) : 0;
  options.dense_features = kinds & 2 ? 1 + below(20) : 0;
  options.constant_features = kinds & 4 ? 1 + below(20) : 0;
  options.hidden = 1 + below(40);
  options.layers = 1 + below(3);
  options.bidirectional = below(2) == 1;
  return options;
}

LstmCase random_case(std::uint32_t seed, torch::Dtype dtype) {
  std::mt19937 random(seed);
  const auto options = random_options(random);
  const LstmExtent extent{1 + static_cast<std::int64_t>(random() % 12),
                          1 + static_cast<std::int64_t>(random() % 9)};
  return make_case(options, extent, random() % 2 == 1, dtype, seed);
}

constexpr std::uint32_t kRandomCases = 60;

TEST_CASE("An LSTM agrees with torch::nn::LSTM fed with one-hot tokens", "[models][lstm]") {
  for (std::uint32_t seed = 0; seed < kRandomCases; ++seed) {
    auto made = random_case(seed, torch::kFloat);
    if (made.input.lengths_N.defined()) made.input.lengths_N.clamp_min_(1);
    INFO("seed " << seed << ": " << made.description());
    auto expected_lstm = torch_lstm(made);
    const auto expected = run_torch(expected_lstm, made);
    const auto actual = made.lstm->forward(made.input, made.initial);
    check_close(actual, expected, 1e-5);

    auto expected_gradients = gradients(expected, leaves(made));
    const auto named = expected_lstm->named_parameters();
    const auto ours = made.lstm->named_parameters();
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const auto& name = ours[i].key();
      const bool bias = name.starts_with("bias");
      const auto theirs = named[bias ? "bias_ih" + name.substr(4) : name];
      const auto gradient = gradients(expected, {theirs})[0];
      expected_gradients[i] = bias ? gradient : gradient.t();
    }
    check_close(gradients(actual, leaves(made)), expected_gradients, 1e-5);
  }
}

TEST_CASE("The LSTM's float path agrees with its reference, empty sequences included",
          "[models][lstm]") {
  for (std::uint32_t seed = 0; seed < kRandomCases; ++seed) {
    const auto made = random_case(1000 + seed, torch::kFloat);
    INFO("seed " << seed << ": " << made.description());
    const auto expected =
        reference_lstm(made.options, made.lstm->weights(), made.input, made.initial);
    const auto actual = made.lstm->forward(made.input, made.initial);
    check_close(actual, expected, 1e-5);
    check_close(gradients(actual, leaves(made)), gradients(expected, leaves(made)), 1e-5);
  }
}

TEST_CASE("LibTorch's LSTM operator, cuDNN's on CUDA, agrees with the reference",
          "[models][lstm]") {
  for (std::uint32_t seed = 0; seed < kRandomCases; ++seed) {
    const auto made = random_case(3000 + seed, torch::kDouble);
    INFO("seed " << seed << ": " << made.description());
    const auto expected =
        reference_lstm(made.options, made.lstm->weights(), made.input, made.initial);
    const auto actual = cudnn_lstm(made.options, made.lstm->weights(), made.input, made.initial);
    check_close(actual, expected, 1e-10);
    check_close(gradients(actual, leaves(made)), gradients(expected, leaves(made)), 1e-10);
  }
}

/// The same case on the first CUDA device. The lengths stay on the CPU.
LstmCase on_cuda(const LstmCase& made) {
  const auto there = [](const Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    return tensor.detach().to(torch::kCUDA).requires_grad_(tensor.requires_grad());
  };
  LstmCase moved = made;
  moved.lstm = Lstm(made.options);
  moved.lstm->to(made.initial.h_LNH.scalar_type());
  moved.lstm->to(torch::kCUDA);
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < made.lstm->parameters().size(); ++i) {
    moved.lstm->parameters()[i].copy_(made.lstm->parameters()[i]);
  }
  moved.input.tokens_NT = there(made.input.tokens_NT);
  moved.input.dense_NTF = there(made.input.dense_NTF);
  moved.input.constant_NC = there(made.input.constant_NC);
  moved.initial = {there(made.initial.h_LNH), there(made.initial.c_LNH)};
  return moved;
}

LstmOutput on_cpu(const LstmOutput& output) {
  return {output.output_NTD.cpu(), {output.final.h_LNH.cpu(), output.final.c_LNH.cpu()}};
}

std::vector<Tensor> on_cpu(std::vector<Tensor> tensors) {
  for (auto& tensor : tensors) {
    if (tensor.defined()) tensor = tensor.cpu();
  }
  return tensors;
}

TEST_CASE("On a CUDA device an LSTM gives what it gives on the CPU", "[models][lstm][cuda]") {
  if (!cuda_at_hand()) return;
  for (std::uint32_t seed = 0; seed < kRandomCases; ++seed) {
    const auto made = random_case(4000 + seed, torch::kDouble);
    INFO("seed " << seed << ": " << made.description());
    const auto moved = on_cuda(made);
    const auto expected = made.lstm->forward(made.input, made.initial);
    const auto actual = moved.lstm->forward(moved.input, moved.initial);
    check_close(on_cpu(actual), expected, 1e-9);
    check_close(on_cpu(gradients(actual, leaves(moved))), gradients(expected, leaves(made)), 1e-9);
  }
}

TEST_CASE("Computed in bfloat16, an LSTM's results are float and near the reference",
          "[models][lstm]") {
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    const auto made = random_case(5000 + seed, torch::kFloat);
    INFO("seed " << seed << ": " << made.description());
    const auto expected =
        reference_lstm(made.options, made.lstm->weights(), made.input, made.initial);
    const auto actual =
        cudnn_lstm(made.options, made.lstm->weights(), made.input, made.initial, torch::kBFloat16);
    CHECK(actual.output_NTD.scalar_type() == torch::kFloat);
    CHECK(actual.final.c_LNH.scalar_type() == torch::kFloat);
    check_close(actual, expected, 0.05);
    check_close(gradients(actual, leaves(made)), gradients(expected, leaves(made)), 0.1);
  }
}

TEST_CASE("Mixed precision leaves small networks on the CPU as they are", "[models][lstm]") {
  const auto made = make_case({5, 3, 2, 7, 2, true}, {4, 6}, true, torch::kFloat);
  const auto expected = made.lstm->forward(made.input, made.initial);
  const MixedPrecision mixed;
  CHECK(torch::equal(made.lstm->forward(made.input, made.initial).output_NTD, expected.output_NTD));
}

TEST_CASE("In mixed precision an LSTM on the CPU stays near itself in float", "[models][lstm]") {
  if (!bfloat16_products_at_hand()) return;
  for (const int hidden : {64, 70, 83, 90}) {
    const bool bidirectional = hidden % 2 == 0;
    const auto made =
        make_case({90, 70, 65, hidden, 2, bidirectional}, {33, 16}, true, torch::kFloat);
    INFO(made.description());
    const auto expected = made.lstm->forward(made.input, made.initial);
    const auto expected_gradients = gradients(expected, leaves(made));
    const MixedPrecision mixed;
    const auto actual = made.lstm->forward(made.input, made.initial);
    CHECK_FALSE(torch::equal(actual.output_NTD, expected.output_NTD));
    check_close(actual, expected, 0.05);
    check_close(gradients(actual, leaves(made)), expected_gradients, 0.1);
  }
}

TEST_CASE("In mixed precision a CUDA device's LSTM stays near the CPU's", "[models][lstm][cuda]") {
  if (!cuda_at_hand()) return;
  const auto made = make_case({90, 3, 20, 64, 2, true}, {33, 16}, true, torch::kFloat);
  const auto moved = on_cuda(made);
  const auto expected = made.lstm->forward(made.input, made.initial);
  const MixedPrecision mixed;
  const auto actual = moved.lstm->forward(moved.input, moved.initial);
  CHECK(actual.output_NTD.scalar_type() == torch::kFloat);
  check_close(on_cpu(actual), expected, 0.05);
  check_close(on_cpu(gradients(actual, leaves(moved))), gradients(expected, leaves(made)), 0.1);
}

TEST_CASE("The final state alone is what stands beside an output, and so are its gradients",
          "[models][lstm]") {
  for (std::uint32_t seed = 0; seed < kRandomCases; ++seed) {
    auto made = random_case(2000 + seed, torch::kFloat);
    INFO("seed " << seed << ": " << made.description());
    auto expected = made.lstm->forward(made.input, made.initial);
    expected.output_NTD = Tensor();
    made.input.outputs = LstmSteps::kNone;
    const auto actual = made.lstm->forward(made.input, made.initial);
    CHECK(!actual.output_NTD.defined());
    CHECK(torch::equal(actual.final.h_LNH, expected.final.h_LNH));
    CHECK(torch::equal(actual.final.c_LNH, expected.final.c_LNH));
    check_close(gradients(actual, leaves(made)), gradients(expected, leaves(made)), 1e-6);
  }
}

using LstmFunction = std::function<LstmOutput(const LstmCase&)>;

/// All functions that forward() may call.
std::vector<LstmFunction> lstm_functions() {
  return {[](const LstmCase& made) { return made.lstm->forward(made.input, made.initial); },
          [](const LstmCase& made) {
            return reference_lstm(made.options, made.lstm->weights(), made.input, made.initial);
          },
          [](const LstmCase& made) {
            return cudnn_lstm(made.options, made.lstm->weights(), made.input, made.initial);
          }};
}

TEST_CASE(
    "The real steps' outputs are those of all steps, sequence after sequence, and so are "
    "their gradients",
    "[models][lstm]") {
  for (std::uint32_t seed = 0; seed < kRandomCases; ++seed) {
    auto made = random_case(6000 + seed, torch::kFloat);
    INFO("seed " << seed << ": " << made.description());
    for (const auto& run : lstm_functions()) {
      made.input.outputs = LstmSteps::kAll;
      auto expected = run(made);
      const auto steps = expected.output_NTD.size(1);
      const auto lengths_N = made.input.lengths_N.defined()
                                 ? made.input.lengths_N
                                 : torch::full({expected.output_NTD.size(0)}, steps, torch::kLong);
      expected.output_PD =
          expected.output_NTD.index({torch::arange(steps) < lengths_N.unsqueeze(1)});
      expected.output_NTD = Tensor();
      made.input.outputs = LstmSteps::kReal;
      const auto actual = run(made);
      CHECK(!actual.output_NTD.defined());
      CHECK(torch::equal(actual.output_PD, expected.output_PD));
      check_close(gradients(actual, leaves(made)), gradients(expected, leaves(made)), 1e-6);
    }
  }
}

/// Sets the kernels' threads while it lives.
struct Threads {
  explicit Threads(int threads) { set_thread_count(threads); }
  ~Threads() { set_thread_count(0); }
};

TEST_CASE("Any number of threads, also more than sequences, agrees with the reference",
          "[models][lstm]") {
  for (const std::int64_t sequences : {1, 3, 70, 300}) {
    const auto made = make_case({11, 5, 6, 20, 2, true}, {sequences, 5}, true, torch::kFloat);
    const auto expected =
        reference_lstm(made.options, made.lstm->weights(), made.input, made.initial);
    const auto expected_gradients = gradients(expected, leaves(made));
    for (const int threads : {1, 2, 3, 7}) {
      INFO(made.description() << ", threads " << threads);
      const Threads guard(threads);
      const auto actual = made.lstm->forward(made.input, made.initial);
      check_close(actual, expected, 1e-5);
      check_close(gradients(actual, leaves(made)), expected_gradients, 1e-5);
    }
  }
}

TEST_CASE("The LSTM passes NaN on instead of hiding it", "[models][lstm]") {
  auto made = make_case({0, 3, 0, 20, 1, false}, {2, 3}, false, torch::kFloat);
  made.input.dense_NTF = torch::full({2, 3, 3}, std::nanf(""));
  CHECK(made.lstm->forward(made.input).output_NTD.isnan().all().item<bool>());
}

TEST_CASE("The LSTM refuses tokens and lengths out of range", "[models][lstm]") {
  auto made = make_case({5, 0, 0, 7, 1, false}, {2, 3}, false, torch::kFloat);
  auto lengths = made.input;
  lengths.lengths_N = torch::tensor({3, 4}, torch::kInt64);
  CHECK_THROWS_AS(made.lstm->forward(lengths), c10::Error);
  for (const int token : {5, -2}) {
    auto tokens = made.input;
    tokens.tokens_NT = torch::full({2, 3}, token, torch::kInt64);
    CHECK_THROWS_AS(made.lstm->forward(tokens), c10::Error);
  }
}

/// d(weighted sum) / d(element) by central differences.
double finite_difference(const LstmCase& made, const Tensor& leaf, std::int64_t element) {
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-5;
  const auto flat = leaf.view({-1});
  const double value = flat[element].item<double>();
  const auto at = [&](double moved) {
    flat[element].fill_(moved);
    return weighted_sum(made.lstm->forward(made.input, made.initial)).item<double>();
  };
  const double difference = at(value + kStep) - at(value - kStep);
  flat[element].fill_(value);
  return difference / (2 * kStep);
}

TEST_CASE("The LSTM's gradients are finite differences in double precision", "[models][lstm]") {
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    const auto made = random_case(2000 + seed, torch::kDouble);
    INFO("seed " << seed << ": " << made.description());
    const auto inputs = leaves(made);
    const auto computed = gradients(made.lstm->forward(made.input, made.initial), inputs);
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto element = static_cast<std::int64_t>(random() % inputs[i].numel());
      const double expected = finite_difference(made, inputs[i], element);
      const double actual =
          computed[i].defined() ? computed[i].reshape({-1})[element].item<double>() : 0.0;
      CHECK(actual == Approx(expected).epsilon(1e-5).margin(1e-7));
    }
  }
}

TEST_CASE("An undefined initial state means zeros", "[models][lstm]") {
  auto made = make_case({5, 3, 2, 7, 2, true}, {4, 6}, true, torch::kFloat);
  const auto absent = made.lstm->forward(made.input);
  const LstmState zeros{torch::zeros_like(made.initial.h_LNH),
                        torch::zeros_like(made.initial.c_LNH)};
  const auto present = made.lstm->forward(made.input, zeros);
  check_close(absent, present, 1e-7);
  check_close(gradients(absent, made.lstm->parameters()),
              gradients(present, made.lstm->parameters()), 1e-6);
}

TEST_CASE("A sequence of length 0 keeps its initial state and gives zeros", "[models][lstm]") {
  auto made = make_case({5, 3, 2, 7, 2, true}, {3, 4}, false, torch::kFloat);
  made.input.lengths_N = torch::tensor({4, 0, 2}, torch::kInt64);
  const auto result = made.lstm->forward(made.input, made.initial);
  CHECK(torch::equal(result.final.h_LNH.select(1, 1), made.initial.h_LNH.select(1, 1)));
  CHECK(torch::equal(result.final.c_LNH.select(1, 1), made.initial.c_LNH.select(1, 1)));
  CHECK(result.output_NTD[1].abs().max().item<float>() == 0.0F);
  CHECK(result.output_NTD[2].narrow(0, 2, 2).abs().max().item<float>() == 0.0F);
}

TEST_CASE("What stands past a sequence's length changes nothing", "[models][lstm]") {
  auto made = make_case({5, 3, 2, 7, 2, true}, {9, 6}, true, torch::kFloat);
  const auto before = made.lstm->forward(made.input, made.initial);
  const auto gradients_before = gradients(before, made.lstm->parameters());
  const auto padding_NT = torch::arange(6).unsqueeze(0) >= made.input.lengths_N.unsqueeze(1);
  made.input.tokens_NT = made.input.tokens_NT.masked_fill(padding_NT, 4);
  made.input.dense_NTF = made.input.dense_NTF.detach().masked_fill(padding_NT.unsqueeze(-1), 1e6);
  const auto after = made.lstm->forward(made.input, made.initial);
  check_close(after, before, 1e-7);
  check_close(gradients(after, made.lstm->parameters()), gradients_before, 1e-7);
}

TEST_CASE("Two runs of an LSTM give the same bits", "[models][lstm]") {
  const auto made = make_case({11, 5, 6, 33, 2, true}, {70, 12}, true, torch::kFloat);
  const auto first = made.lstm->forward(made.input, made.initial);
  const auto second = made.lstm->forward(made.input, made.initial);
  CHECK(torch::equal(first.output_NTD, second.output_NTD));
  const auto first_gradients = gradients(first, leaves(made));
  const auto second_gradients = gradients(second, leaves(made));
  for (std::size_t i = 0; i < first_gradients.size(); ++i) {
    CHECK(torch::equal(first_gradients[i], second_gradients[i]));
  }
}

TEST_CASE("Parameters drawn from equal seeds are equal, and forget gates start open",
          "[models][lstm]") {
  const LstmOptions options{5, 0, 0, 16, 2, false};
  Lstm a(options);
  Lstm b(options);
  for (auto* lstm : {&a, &b}) (*lstm)->reset_parameters(at::detail::createCPUGenerator(7));
  for (std::size_t i = 0; i < a->parameters().size(); ++i) {
    CHECK(torch::equal(a->parameters()[i], b->parameters()[i]));
  }
  for (const auto& w : a->weights()) {
    CHECK(w.recurrent_HG.abs().max().item<double>() <= 0.25);
    CHECK(w.recurrent_HG.abs().max().item<double>() > 0.2);
    CHECK(w.bias_G.narrow(0, 16, 16).min().item<double>() >= 0.75);
    CHECK(w.bias_G.narrow(0, 0, 16).max().item<double>() <= 0.25);
  }
}

TEST_CASE("An LSTM refuses inputs it has no weights for, missing ones and wrong shapes",
          "[models][lstm]") {
  const auto made = make_case({5, 3, 0, 7, 1, false}, {4, 6}, false, torch::kFloat);
  auto missing = made.input;
  missing.tokens_NT = Tensor();
  CHECK_THROWS_AS(made.lstm->forward(missing), c10::Error);
  auto extra = made.input;
  extra.constant_NC = torch::zeros({4, 2});
  CHECK_THROWS_AS(made.lstm->forward(extra), c10::Error);
  auto uneven = made.input;
  uneven.dense_NTF = torch::zeros({4, 5, 3});
  CHECK_THROWS_AS(made.lstm->forward(uneven), c10::Error);
  CHECK_THROWS_AS(made.lstm->forward(made.input, {torch::zeros({2, 4, 7}), {}}), c10::Error);
}

}  // namespace
}  // namespace musicvae::models
