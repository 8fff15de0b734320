#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <torch/utils.h>

#include "models/kernels/gemm.hpp"
#include "models/kernels/threads.hpp"
#include "models/objective/loss.hpp"
#include "models/passages/step_layout.hpp"
#include "models/runtime/buffer_cache.hpp"
#include "models/runtime/mixed_precision.hpp"
#include "src/music/generation.hpp"
#include "src/training/adam.hpp"
#include "tools/bench/bench.hpp"
#include "tools/bench/network.hpp"

namespace musicvae::bench {
namespace {

struct TrainOptions {
  NetworkOptions network;
  bool mixed_precision = true;
  ReportOptions report;
};

/// Multiply-adds of a stack of LSTM layers over one step of one sequence, without the first layer's
/// inputs. Those are gathered, or the same at all steps.
double stack_work(const models::StackSize& size, int directions) {
  const double hidden = size.hidden;
  const double inner = size.layers * hidden + (size.layers - 1) * hidden * directions;
  return 4 * hidden * inner * directions;
}

/// Multiply-adds of a pianotree's rows and steps, forward, all of its inputs counted but the
/// tokens.
double pianotree_work(const NetworkOptions& options) {
  const auto& c = options.config;
  const double rows = double(options.batch) * c.bars * options.rows;
  const double steps = rows / 3, reading = 2.0 * c.encoder.hidden;
  double work =
      2 * rows * stack_work(c.encoder, 2);  // Notes are read for q(z|x) and for the decoder.
  work += steps * (stack_work(c.encoder, 2) + 8.0 * c.encoder.hidden * reading);
  work += steps * (stack_work(c.conductor, 1) + 4.0 * c.conductor.hidden * reading);
  work += rows * (stack_work(c.decoder, 1) + double(c.decoder.hidden) * c.row_width);
  return work + steps * c.conductor.hidden * (2.0 * c.decoder.layers + 4) * c.decoder.hidden;
}

/// Work of a step in GFLOP, forward and backward, without what can be avoided. A multiply-add
/// counts as two operations.
double gflop_per_step(const NetworkOptions& options) {
  const auto& c = options.config;
  if (c.family == "mlp") {
    const double slots = double(c.bars) * options.rows * c.row_width;
    const auto side = [&](const models::StackSize& size) {
      return size.hidden * (slots + (size.layers - 1.0) * size.hidden);
    };
    // The rows themselves need no gradient.
    const double work = 2 * side(c.encoder) + 3 * side(c.decoder) +
                        3.0 * c.latent * (2.0 * c.encoder.hidden + c.decoder.hidden);
    return 2 * options.batch * work * 1e-9;
  }
  if (c.family == "pianotree") return 3 * 2 * pianotree_work(options) * 1e-9;
  const double passages = options.batch;
  const double bars = passages * c.bars;
  const double rows = bars * options.rows;
  double work = rows * (stack_work(c.encoder, 2) + stack_work(c.decoder, 1));
  work += rows * c.decoder.hidden * c.row_width;
  work += passages * 2.0 * c.latent * 2 * c.encoder.hidden;
  if (c.family == "hierarchical") {
    const double states = 2.0 * c.decoder.layers * c.decoder.hidden;
    work += bars * stack_work(c.conductor, 1);
    work += bars * c.conductor.hidden * (states + 4.0 * c.decoder.hidden);
    work += passages * c.latent * 2.0 * c.conductor.layers * c.conductor.hidden;
  } else {
    work += passages * c.latent * (2.0 * c.decoder.layers + 4.0) * c.decoder.hidden;
  }
  return 3 * 2 * work * 1e-9;
}

/// Random tokens [B, U, R]. A step of a pianotree holds one note: a pitch, a duration and the end.
torch::Tensor random_tokens(const NetworkOptions& options) {
  const auto& c = options.config;
  torch::manual_seed(1);
  if (c.family != "pianotree") {
    return torch::randint(c.row_width, {options.batch, c.bars, options.rows}, torch::kInt64);
  }
  auto tokens = torch::randint(models::kEndOfStep + 1, c.row_width,
                               {options.batch, c.bars, options.rows}, torch::kInt64);
  tokens.slice(2, 2, {}, 3).fill_(models::kEndOfStep);
  return tokens;
}

models::Batch make_batch(const NetworkOptions& options) {
  const auto& c = options.config;
  const models::Batch batch{random_tokens(options),
                            torch::full({options.batch, c.bars}, options.rows, torch::kInt64),
                            torch::zeros({options.batch, c.bars, c.control_width})};
  return batch.to(torch::Device(options.device));
}

/// Large products whose speed is the ceiling for a step.
struct Ceiling {
  double gflop;
  std::function<void()> run;
};

/// Products in bfloat16.
Ceiling cuda_ceiling() {
  constexpr std::int64_t kSize = 8192;
  constexpr int kTimes = 10;
  const auto like = torch::TensorOptions(torch::kCUDA).dtype(torch::kBFloat16);
  const auto a = torch::randn({kSize, kSize}, like);
  const auto b = torch::randn({kSize, kSize}, like);
  const auto run = [a, b, out = torch::empty_like(a)]() mutable {
    for (int i = 0; i < kTimes; ++i) torch::mm_out(out, a, b);
    wait_for("cuda");
  };
  return {2e-9 * kTimes * static_cast<double>(kSize * kSize * kSize), run};
}

/// Products on all threads at once.
Ceiling cpu_ceiling(models::Factors factors) {
  constexpr std::int64_t kSize = 1536;
  constexpr int kTimes = 5;
  const auto rows = models::thread_count() * kSize;
  const auto a = torch::randn({rows, kSize});
  const auto b = torch::randn({kSize, kSize});
  const auto run = [=, out = torch::empty_like(a)] {
    for (int i = 0; i < kTimes; ++i) {
      models::multiply({rows, kSize, kSize}, {a.data_ptr<float>(), kSize},
                       {b.data_ptr<float>(), kSize}, false, out.data_ptr<float>(), kSize, factors);
    }
  };
  return {2e-9 * kTimes * static_cast<double>(rows * kSize * kSize), run};
}

nlohmann::json measure(const TrainOptions& options) {
  const models::BufferCache as_in_training;
  std::optional<models::MixedPrecision> mixed;
  if (options.mixed_precision) mixed.emplace();
  const auto network = make_network(options.network);
  const auto batch = make_batch(options.network);
  Adam optimizer(*network);
  const auto sound = torch::ones({}, optimizer.on_device().dtype(torch::kBool));
  std::uint64_t steps = 0;
  const auto step = [&] {
    const auto loss = models::compute_loss(*network, batch, {}, make_generator(1, steps++));
    loss.total.backward();
    optimizer.step(1e-3, {.clip_norm = 1}, sound);
    wait_for(options.network.device);
  };
  std::int64_t parameters = 0;
  for (const auto& parameter : network->parameters()) parameters += parameter.numel();
  step();
  step();
  const double memory = peak_memory_bytes();
  const auto factors = models::product_factors(batch.controls_BUC);
  const auto ceiling = options.network.device == "cuda" ? cuda_ceiling() : cpu_ceiling(factors);
  const auto medians = medians_in_turn(options.report.repetitions, {step, ceiling.run});
  const double seconds = medians[0];
  const double ceiling_gflops = ceiling.gflop / medians[1];
  const double gflop = gflop_per_step(options.network);
  return {{"parameters", parameters},
          {"threads", models::thread_count()},
          {"batch", options.network.batch},
          {"bfloat16", factors == models::Factors::kBFloat16 ? 1 : 0},
          {"step_s", seconds},
          {"passages_per_s", options.network.batch / seconds},
          {"gflop_per_step", gflop},
          {"gflops", gflop / seconds},
          {"gemm_ceiling_gflops", ceiling_gflops},
          {"fraction_of_ceiling", gflop / seconds / ceiling_gflops},
          {"peak_memory_mb", memory * 1e-6}};
}

}  // namespace

void setup_train(CLI::App& command) {
  auto options = std::make_shared<TrainOptions>();
  add_network_options(command, options->network);
  command.add_option("--mixed-precision", options->mixed_precision,
                     "Products in bfloat16 where that is faster");
  add_report_options(command, options->report);
  command.callback([options] { print_result(measure(*options), options->report); });
}

}  // namespace musicvae::bench
