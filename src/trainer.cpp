#include "src/trainer.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

#include "datasets/windows.hpp"
#include "models/buffer_cache.hpp"
#include "models/elbo.hpp"
#include "src/adam.hpp"
#include "src/batch_loader.hpp"
#include "src/error.hpp"
#include "src/generation.hpp"
#include "src/gradient_sum.hpp"
#include "src/interrupt.hpp"
#include "src/placed_model.hpp"
#include "src/tensor_names.hpp"

namespace musicvae {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr double kNatsPerBit = 0.6931471805599453;
constexpr std::size_t kMaxValidationWindows = 256;

// Streams of the run's generator; the step is added to each.
constexpr std::uint64_t kTrainingNoise = 1ULL << 40;
constexpr std::uint64_t kValidationNoise = 2ULL << 40;

/// At most kMaxValidationWindows, evenly spread.
std::vector<datasets::Window> validation_windows(const datasets::Corpus& corpus, int bars) {
  const auto all = datasets::consecutive_windows(corpus, datasets::Split::kValidation, bars);
  if (all.size() <= kMaxValidationWindows) return all;
  std::vector<datasets::Window> some;
  for (std::size_t i = 0; i < kMaxValidationWindows; ++i) {
    some.push_back(all[i * all.size() / kMaxValidationWindows]);
  }
  return some;
}

/// Means over steps or batches of what a Loss tells.
struct LossSums {
  double loss = 0, reconstruction = 0, kl = 0, correct = 0, rows = 0, passages = 0;

  void add(const models::Loss& item) {
    const auto batch = static_cast<double>(item.kl_B.size(0));
    loss += item.total.item<double>() * batch;
    reconstruction += item.reconstruction_B.sum().item<double>();
    kl += item.kl_B.sum().item<double>();
    correct += item.correct_rows.item<double>();
    rows += item.rows.item<double>();
    passages += batch;
  }
  void add(const LossSums& other) {
    loss += other.loss;
    reconstruction += other.reconstruction;
    kl += other.kl;
    correct += other.correct;
    rows += other.rows;
    passages += other.passages;
  }
  LossSums over(const Distributed& processes) const {
    const auto all = processes.sum({loss, reconstruction, kl, correct, rows, passages});
    return {all[0], all[1], all[2], all[3], all[4], all[5]};
  }
  nlohmann::json to_json() const {
    return {{"loss", loss / passages},
            {"bits_per_row", reconstruction / kNatsPerBit / rows},
            {"kl_bits", kl / kNatsPerBit / passages},
            {"accuracy", correct / rows}};
  }
};

/// One run being trained: everything the loop's steps share.
class Trainer {
 public:
  Trainer(MusicModel& model, const datasets::Corpus& corpus, const TrainingOptions& options,
          const RunFolder& folder, const TrainerLimits& limits, Progress& progress,
          const Distributed& processes)
      : model_(model),
        corpus_(corpus),
        options_(options),
        folder_(folder),
        limits_(limits),
        progress_(progress),
        processes_(processes),
        share_(processes.share(options.batch_size)),
        optimizer_(*model.network),
        gradients_(model.network->parameters(), processes),
        validation_(validation_windows(corpus, model.bars())) {}

  TrainingResult run();

 private:
  void restore();
  void share_state();
  StopReason loop();
  std::optional<StopReason> asked_to_stop() const;
  void take_step(BatchLoader& loader);
  LossSums compute_gradients(const models::Batch& batch);
  void update(const LossSums& sums);
  void show(const BatchLoader& loader);
  void report(const BatchLoader& loader);
  bool validate();  ///< Whether patience is left.
  LossSums validation_loss();
  void append_metrics(const nlohmann::json& line);
  void checkpoint();
  void save_best(const nlohmann::json& validation);
  double session_seconds() const { return seconds_since(session_start_); }
  double fraction_done() const;
  datasets::WindowOptions window_options() const;

  MusicModel& model_;
  const datasets::Corpus& corpus_;
  const TrainingOptions& options_;
  const RunFolder& folder_;
  const TrainerLimits& limits_;
  Progress& progress_;
  const Distributed& processes_;
  Share share_;  // Of each batch.
  Adam optimizer_;
  GradientSum gradients_;
  std::vector<datasets::Window> validation_;
  TrainingState state_;
  double seconds_before_ = 0;
  Clock::time_point session_start_ = Clock::now();
  Clock::time_point last_checkpoint_ = Clock::now();
  LossSums recent_;
  Clock::time_point recent_start_ = Clock::now();
  double recent_waited_ = 0;
};

TrainingResult Trainer::run() {
  const InterruptGuard interrupt;
  const models::BufferCache buffers;
  restore();
  const StopReason reason = loop();
  const bool unvalidated = state_.step % options_.validate_every != 0;
  if (reason == StopReason::kMinutes && unvalidated) validate();
  checkpoint();
  // Without a validation, the last model is the best there is.
  if (validation_.empty() || !std::filesystem::exists(folder_.model())) save_best(nullptr);
  return {state_, reason};
}

void Trainer::restore() {
  if (processes_.first()) {
    if (std::filesystem::exists(folder_.state())) state_ = folder_.load_state(model_, optimizer_);
    folder_.truncate_metrics(state_.step);
  }
  share_state();
  seconds_before_ = state_.seconds;
  session_start_ = last_checkpoint_ = recent_start_ = Clock::now();
}

void Trainer::share_state() {
  const auto text = processes_.tell([&] {
    return nlohmann::json{{"state", to_json(state_)}, {"steps", optimizer_.steps()}}.dump();
  });
  const auto json = nlohmann::json::parse(text);
  state_ = state_from_json(json.at("state"));
  std::vector<torch::Tensor> tensors;
  for (const auto& [name, tensor] : parameters_by_name(*model_.network)) tensors.push_back(tensor);
  auto moments = optimizer_.moments();
  for (const auto& [name, tensor] : moments) tensors.push_back(tensor);
  processes_.broadcast(tensors);
  optimizer_.load_moments(moments, json.at("steps"));
}

datasets::WindowOptions Trainer::window_options() const {
  datasets::WindowOptions windows;
  windows.bars = model_.bars();
  windows.batch_size = options_.batch_size;
  windows.seed = options_.seed;
  windows.transpose_down = options_.transpose_down;
  windows.transpose_up = options_.transpose_up;
  windows.piece_weight = options_.piece_weight;
  return windows;
}

StopReason Trainer::loop() {
  BatchLoader loader(model_, corpus_, window_options(), share_,
                     static_cast<std::uint64_t>(state_.step));
  while (state_.step < options_.steps) {
    if (const auto reason = asked_to_stop()) return *reason;
    take_step(loader);
    show(loader);
    const bool last = state_.step == options_.steps;
    if (state_.step % options_.validate_every == 0 || last) {
      report(loader);
      if (!validate()) return StopReason::kPatience;
    }
    if (seconds_since(last_checkpoint_) > limits_.checkpoint_seconds) checkpoint();
  }
  return StopReason::kSteps;
}

/// All processes stop where one does.
std::optional<StopReason> Trainer::asked_to_stop() const {
  const bool late = session_seconds() > limits_.minutes * 60;
  const auto asked = processes_.sum({InterruptGuard::requested() ? 1.0 : 0.0, late ? 1.0 : 0.0});
  if (asked[0] > 0) return StopReason::kInterrupted;
  if (asked[1] > 0) return StopReason::kMinutes;
  return std::nullopt;
}

void Trainer::take_step(BatchLoader& loader) {
  const LossSums sums = compute_gradients(loader.next()).over(processes_);
  update(sums);
  recent_.add(sums);
  ++state_.step;
  state_.seconds = seconds_before_ + session_seconds();
}

/// Sets the gradient of the whole batch's mean loss; the sums are of our share.
LossSums Trainer::compute_gradients(const models::Batch& batch) {
  const double sampling = models::sampling_probability(options_.scheduled_sampling, state_.step);
  const auto rows = batch.rows.size(2);
  const BatchPlace place{share_.first, options_.batch_size,
                         sampling > 0 ? processes_.max(rows) : rows};
  const auto generator =
      make_generator(options_.seed, kTrainingNoise + static_cast<std::uint64_t>(state_.step));
  PlacedModel placed(model_.network, place, sampling, generator);
  const models::KlOptions kl{options_.beta, options_.beta_rate, options_.free_bits};
  const auto loss = models::compute_loss(
      placed, batch, {models::annealed_beta(kl, state_.step), options_.free_bits, 0},
      make_generator(0));
  const auto share = static_cast<double>(share_.count) / static_cast<double>(options_.batch_size);
  (loss.total * share).backward();
  gradients_.finish();
  LossSums sums;
  sums.add(loss);
  return sums;
}

void Trainer::update(const LossSums& sums) {
  const double norm = optimizer_.gradient_norm();
  if (!std::isfinite(norm) || !std::isfinite(sums.loss)) {
    throw Error("the loss stopped being a number at step " + std::to_string(state_.step) +
                "; the last good state is kept in " + folder_.path().string() +
                ". Start anew with a lower --learning-rate or --clip-norm");
  }
  if (norm > options_.skip_norm) {
    optimizer_.zero_grad();
  } else {
    optimizer_.step(learning_rate(options_, state_.step),
                    std::min(1.0, options_.clip_norm / std::max(norm, 1e-12)));
  }
}

void Trainer::show(const BatchLoader& loader) {
  char status[160];
  std::snprintf(
      status, sizeof status,
      "step %lld  loss %.2f  accuracy %.3f  KL %.1f bits  %.1f passages/s  waiting %.1f %%",
      static_cast<long long>(state_.step), recent_.loss / recent_.passages,
      recent_.correct / recent_.rows, recent_.kl / kNatsPerBit / recent_.passages,
      recent_.passages / seconds_since(recent_start_),
      100 * (loader.seconds_waited() - recent_waited_) / seconds_since(recent_start_));
  progress_.update(fraction_done(), status);
}

double Trainer::fraction_done() const {
  const double steps = static_cast<double>(state_.step) / static_cast<double>(options_.steps);
  return std::max(steps, session_seconds() / (limits_.minutes * 60));
}

void Trainer::report(const BatchLoader& loader) {
  nlohmann::json line = recent_.to_json();
  const double seconds = seconds_since(recent_start_);
  line["step"] = state_.step;
  line["seconds"] = state_.seconds;
  line["learning_rate"] = learning_rate(options_, state_.step);
  line["passages_per_s"] = recent_.passages / seconds;
  line["wait_share"] = (loader.seconds_waited() - recent_waited_) / seconds;
  append_metrics(line);
  recent_ = {};
  recent_waited_ = loader.seconds_waited();
}

bool Trainer::validate() {
  if (validation_.empty()) {
    recent_start_ = Clock::now();
    return true;
  }
  const LossSums sums = validation_loss().over(processes_);
  const nlohmann::json metrics = sums.to_json();
  append_metrics({{"step", state_.step}, {"validation", metrics}});
  const double loss = sums.loss / sums.passages;
  const bool better = loss < state_.best_validation_loss;
  if (better) {
    state_.best_validation_loss = loss;
    state_.best_step = state_.step;
    state_.validations_since_best = 0;
    save_best(metrics);
  } else {
    ++state_.validations_since_best;
  }
  char text[120];
  std::snprintf(text, sizeof text, "step %lld: validation loss %.2f, accuracy %.3f%s",
                static_cast<long long>(state_.step), loss, sums.correct / sums.rows,
                better ? ", best so far" : "");
  progress_.message(text);
  recent_start_ = Clock::now();
  return options_.patience == 0 || state_.validations_since_best < options_.patience;
}

/// Of this process's batches.
LossSums Trainer::validation_loss() {
  const torch::NoGradGuard no_grad;
  LossSums sums;
  const auto size = static_cast<std::size_t>(options_.batch_size);
  const auto processes = static_cast<std::size_t>(processes_.size());
  for (auto first = static_cast<std::size_t>(processes_.rank()) * size; first < validation_.size();
       first += processes * size) {
    std::vector<std::vector<datasets::BarRows>> rows;
    for (std::size_t i = first; i < std::min(first + size, validation_.size()); ++i) {
      rows.push_back(datasets::rows_of(corpus_, *model_.codec, validation_[i]));
    }
    sums.add(models::compute_loss(*model_.network, make_batch(model_, rows),
                                  {options_.beta, options_.free_bits, 0},
                                  make_generator(options_.seed, kValidationNoise + first)));
  }
  return sums;
}

void Trainer::append_metrics(const nlohmann::json& line) {
  if (processes_.first()) folder_.append_metrics(line);
}

void Trainer::checkpoint() {
  if (!processes_.first()) return;
  folder_.save_state(model_, optimizer_, state_);
  last_checkpoint_ = Clock::now();
}

void Trainer::save_best(const nlohmann::json& validation) {
  if (!processes_.first()) return;
  model_.training["step"] = state_.step;
  model_.training["seconds"] = state_.seconds;
  model_.training["validation"] = validation;
  model_.training["options"] = to_json(options_);
  save_model(model_, folder_.model());
}

std::string how_to_go_on(const RunFolder& folder, bool first) {
  if (first && !std::filesystem::exists(folder.state())) {
    return "no checkpoint had been saved yet; start the run anew";
  }
  const auto run = folder.path().string();
  return "the last checkpoint is in " + run + (first ? "" : " of process 0") +
         "; go on with: musicvae train --resume " + run;
}

}  // namespace

TrainingResult train(MusicModel& model, const datasets::Corpus& corpus,
                     const TrainingOptions& options, const RunFolder& folder,
                     const TrainerLimits& limits, Progress& progress,
                     const Distributed& processes) {
  if (options.batch_size < processes.size()) {
    throw Error("a batch of " + std::to_string(options.batch_size) +
                " passages cannot be shared by " + std::to_string(processes.size()) +
                " processes; start fewer");
  }
  try {
    return Trainer(model, corpus, options, folder, limits, progress, processes).run();
  } catch (const LostProcess& error) {
    throw LostProcess(std::string(error.what()) + "; " + how_to_go_on(folder, processes.first()));
  }
}

}  // namespace musicvae
