#include <memory>

#include <benchmark/benchmark.h>
#include <torch/nn/modules/rnn.h>
#include <torch/utils.h>

#include "models/kernels/threads.hpp"
#include "models/lstm/lstm.hpp"
#include "models/lstm/stepper.hpp"
#include "tools/bench/bench.hpp"

// The LSTM of training, forward and backward, by the fused kernels and by torch::nn::LSTM's
// arithmetic in LibTorch, at the shapes of the paper's encoder and decoder and at smaller ones.
// Compare the two lines of one shape from one run. Then single steps, as generation takes them.
namespace musicvae::bench {
namespace {

using models::Lstm;
using models::LstmInput;
using models::LstmOptions;
using models::LstmStepper;

using torch::Tensor;

constexpr int kTokenClasses = 90;

/// Arguments: hidden, layers, directions, sequences, steps, constant features.
struct Shape {
  explicit Shape(const benchmark::State& state)
      : hidden(state.range(0)),
        layers(state.range(1)),
        directions(state.range(2)),
        sequences(state.range(3)),
        steps(state.range(4)),
        constant(state.range(5)) {}

  LstmOptions options() const {
    return {kTokenClasses,
            0,
            static_cast<int>(constant),
            static_cast<int>(hidden),
            static_cast<int>(layers),
            directions == 2};
  }
  Tensor tokens_NT() const {
    return torch::randint(kTokenClasses, {sequences, steps}, torch::kInt64);
  }

  /// Of forward and backward without avoidable work: tokens gathered, constants multiplied once.
  double gflop() const {
    const double gates = 4.0 * static_cast<double>(hidden);
    const double inner = static_cast<double>(hidden * layers + (layers - 1) * hidden * directions);
    const double per_step = 2.0 * gates * inner * static_cast<double>(directions);
    const double once = 2.0 * gates * static_cast<double>(constant * directions);
    return 3e-9 * static_cast<double>(sequences) * (per_step * static_cast<double>(steps) + once);
  }

  std::int64_t hidden, layers, directions, sequences, steps, constant;
};

void report(benchmark::State& state, const Shape& shape) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(shape.gflop(), benchmark::Counter::kIsIterationInvariantRate);
}

void fused(benchmark::State& state) {
  torch::manual_seed(1);
  const Shape shape(state);
  Lstm lstm(shape.options());
  lstm->reset_parameters(at::detail::getDefaultCPUGenerator());
  LstmInput input;
  input.tokens_NT = shape.tokens_NT();
  if (shape.constant > 0) input.constant_NC = torch::randn({shape.sequences, shape.constant});
  for (auto _ : state) {
    lstm->zero_grad();
    lstm->forward(input).output_NTD.sum().backward();
  }
  report(state, shape);
}

void libtorch(benchmark::State& state) {
  torch::manual_seed(1);
  const Shape shape(state);
  const models::DenormalsAreZero like_the_kernels;
  at::set_num_threads(models::thread_count());
  torch::nn::LSTM lstm(torch::nn::LSTMOptions(kTokenClasses + shape.constant, shape.hidden)
                           .num_layers(shape.layers)
                           .bidirectional(shape.directions == 2)
                           .batch_first(true));
  const auto classes_V = torch::arange(kTokenClasses);
  auto input_NTI = (shape.tokens_NT().unsqueeze(-1) == classes_V).to(torch::kFloat);
  if (shape.constant > 0) {
    const auto constant_NC = torch::randn({shape.sequences, shape.constant});
    input_NTI = torch::cat({input_NTI, constant_NC.unsqueeze(1).expand({-1, shape.steps, -1})}, 2);
  }
  for (auto _ : state) {
    lstm->zero_grad();
    std::get<0>(lstm->forward(input_NTI)).sum().backward();
  }
  report(state, shape);
}

/// 256 steps of a decoder of 2 x 512, each with a token; argument: sequences.
void stepping(benchmark::State& state) {
  const LstmOptions options{
      .token_classes = kTokenClasses, .constant_features = 512, .hidden = 512, .layers = 2};
  Lstm lstm(options);
  lstm->reset_parameters(at::detail::getDefaultCPUGenerator());
  const auto n = state.range(0);
  const auto tokens_N = torch::zeros({n}, torch::kInt64);
  LstmStepper stepper(lstm);
  for (auto _ : state) {
    stepper.start(n, {}, stepper.prepare_constant(torch::zeros({n, 512})));
    for (int t = 0; t < 256; ++t) stepper.step(tokens_N);
  }
}

void add_shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"hidden", "layers", "directions", "N", "T", "constant"})
      ->Args({512, 1, 2, 64, 256, 0})
      ->Args({512, 2, 1, 1024, 16, 512})
      ->Args({256, 2, 1, 512, 32, 256})
      ->Args({128, 1, 2, 64, 64, 0})
      ->Args({128, 2, 1, 256, 16, 128})
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime()
      ->MeasureProcessCPUTime();
}

void run(const ReportOptions& options) {
  add_shapes(benchmark::RegisterBenchmark("fused", fused));
  add_shapes(benchmark::RegisterBenchmark("libtorch", libtorch));
  benchmark::RegisterBenchmark("stepping", stepping)
      ->Arg(1)
      ->Arg(16)
      ->Arg(64)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
  run_registered(options.repetitions, options.json);
}

}  // namespace

void setup_kernels(CLI::App& command) {
  auto options = std::make_shared<ReportOptions>();
  add_report_options(command, *options);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::bench
