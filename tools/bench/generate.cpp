#include <memory>
#include <vector>

#include <torch/utils.h>

#include "models/kernels/threads.hpp"
#include "src/music/generation.hpp"
#include "tools/bench/bench.hpp"
#include "tools/bench/network.hpp"

namespace musicvae::bench {
namespace {

struct GenerateOptions {
  NetworkOptions network;
  ReportOptions report;
};

/// Allows every token, and ends a bar after its rows, as a melody does.
class FixedRows : public models::RowConstraint {
 public:
  FixedRows(int songs, int bars, int rows) : bars_(bars), rows_(rows), taken_(songs * bars, 0) {}

  void allowed(std::int64_t, std::int64_t, std::span<bool> mask) const override {
    std::fill(mask.begin(), mask.end(), true);
  }
  void push(std::int64_t song, std::int64_t bar, int) override { ++taken_[song * bars_ + bar]; }
  bool finished(std::int64_t song, std::int64_t bar) const override {
    return taken_[song * bars_ + bar] == rows_;
  }
  std::int64_t max_rows() const override { return rows_; }

 private:
  int bars_;
  int rows_;
  std::vector<int> taken_;
};

nlohmann::json measure(const GenerateOptions& options) {
  const auto& config = options.network.config;
  const int songs = options.network.batch;
  const auto network = make_network(options.network);
  const torch::NoGradGuard no_grad;
  const torch::Device device(options.network.device);
  const auto z_BZ = torch::randn({songs, config.latent}).to(device);
  const auto controls_BUC = torch::zeros({songs, config.bars, config.control_width}).to(device);
  const auto present_BU = torch::ones({songs, config.bars}, torch::kBool);
  const auto generate = [&] {
    FixedRows constraint(songs, config.bars, options.network.rows);
    network->generate(z_BZ, controls_BUC, present_BU, {}, constraint, make_generator(1));
  };
  const double seconds = median_seconds(options.report.repetitions, generate);
  return {{"songs", songs},
          {"bars", config.bars},
          {"threads", models::thread_count()},
          {"ms", seconds * 1e3},
          {"songs_per_s", songs / seconds}};
}

}  // namespace

void setup_generate(CLI::App& command) {
  auto options = std::make_shared<GenerateOptions>();
  options->network.batch = 1;
  options->report.repetitions = 20;
  add_network_options(command, options->network);
  add_report_options(command, options->report);
  command.callback([options] { print_result(measure(*options), options->report); });
}

}  // namespace musicvae::bench
