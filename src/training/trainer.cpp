#include "src/training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

#include "datasets/corpus/windows.hpp"
#include "models/objective/metrics.hpp"
#include "models/registries.hpp"
#include "models/runtime/buffer_cache.hpp"
#include "models/runtime/mixed_precision.hpp"
#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/interrupt.hpp"
#include "src/music/tensor_names.hpp"
#include "src/training/batch_loader.hpp"
#include "src/training/fit_windows.hpp"
#include "src/training/run_samples.hpp"
#include "src/training/training_step.hpp"
#include "src/training/validation.hpp"

namespace musicvae {
namespace {

using Clock = std::chrono::steady_clock;

/// The step at which figures are written first, so that a user soon sees that a run goes well.
constexpr std::int64_t kFirstReport = 10;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

nlohmann::json to_json(const models::ElboMeter& meter) {
  return {{"loss", meter.loss()},
          {"bits_per_row", meter.bits_per_row()},
          {"kl_bits", meter.kl_bits()},
          {"accuracy", meter.teacher_forced_accuracy().share()}};
}

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
        training_(*model.network, options, processes),
        validation_(model, corpus, options, processes) {}

  TrainingResult run();

 private:
  StopReason train_and_save();
  std::string keep();
  std::string keep_elsewhere();
  void restore();
  void share_state();
  StopReason loop();
  StopReason fit();
  std::optional<StopReason> asked_to_stop() const;
  void take_step(BatchLoader& loader);
  void show(const BatchLoader& loader);
  void report(const BatchLoader& loader);
  bool validate();  ///< Whether patience is left.
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
  TrainingStep training_;
  Validation validation_;
  TrainingState state_;
  double seconds_before_ = 0;
  Clock::time_point session_start_ = Clock::now();
  Clock::time_point last_checkpoint_ = Clock::now();
  models::ElboMeter recent_;
  Clock::time_point recent_start_ = Clock::now();
  double recent_waited_ = 0;
};

TrainingResult Trainer::run() {
  const InterruptGuard interrupt;
  const models::BufferCache buffers;
  std::optional<models::MixedPrecision> mixed;
  if (options_.mixed_precision) mixed.emplace();
  restore();
  const std::int64_t begun = state_.step;
  try {
    const StopReason reason = train_and_save();
    return {state_, reason};
  } catch (const NotANumber&) {
    throw;
  } catch (const LostProcess&) {
    throw;
  } catch (const Error& error) {
    const bool any = processes_.first() && state_.step > begun;
    throw Error(error.what() + (any ? keep() : ""));
  }
}

StopReason Trainer::train_and_save() {
  const bool fits = models::family_traits(model_.network->config().family).fitted;
  const StopReason reason = fits ? fit() : loop();
  const bool unvalidated = state_.step % options_.validate_every != 0;
  if (reason == StopReason::kMinutes && unvalidated) validate();
  checkpoint();
  // Without a validation, the last model is the best there is.
  if (validation_.empty() || !std::filesystem::exists(folder_.model())) save_best(nullptr);
  return reason;
}

/// Saves where the run stands after what ended it, as on a full disk: in its folder if possible, or
/// else in a copy of the run. Gives the end of the message that says where.
std::string Trainer::keep() {
  std::string run = folder_.path().string();
  try {
    training_.check();
    folder_.save_state(model_, training_.optimizer(), state_);
  } catch (const NotANumber&) {
    return {};
  } catch (const Error&) {
    run = keep_elsewhere();
  }
  if (run.empty()) return {};
  return "; step " + std::to_string(state_.step) +
         " is kept, go on with: musicvae train --resume " + run;
}

/// The path of the copy; empty where none can be made.
std::string Trainer::keep_elsewhere() {
  std::filesystem::path path;
  try {
    path = make_private_folder();
    const RunFolder copy(path);
    std::filesystem::copy_file(folder_.config(), copy.config());
    if (std::filesystem::is_regular_file(folder_.model()))
      std::filesystem::copy_file(folder_.model(), copy.model());
    copy.save_state(model_, training_.optimizer(), state_);
    return path.string();
  } catch (const std::exception&) {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
    return {};
  }
}

void Trainer::restore() {
  if (processes_.first()) {
    if (std::filesystem::exists(folder_.state()))
      state_ = folder_.load_state(model_, training_.optimizer());
    folder_.truncate_metrics(state_.step);
  }
  share_state();
  seconds_before_ = state_.seconds;
  session_start_ = last_checkpoint_ = recent_start_ = Clock::now();
}

void Trainer::share_state() {
  const auto text = processes_.tell([&] {
    return nlohmann::json{{"state", to_json(state_)}, {"steps", training_.optimizer().steps()}}
        .dump();
  });
  const auto json = nlohmann::json::parse(text);
  state_ = state_from_json(json.at("state"));
  std::vector<torch::Tensor> tensors;
  for (const auto& [name, tensor] : tensors_by_name(*model_.network)) tensors.push_back(tensor);
  auto moments = training_.optimizer().moments();
  for (const auto& [name, tensor] : moments) tensors.push_back(tensor);
  processes_.broadcast(tensors);
  training_.optimizer().load_moments(moments, json.at("steps"));
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
  BatchLoader loader(model_, corpus_, window_options(), processes_.share(options_.batch_size),
                     static_cast<std::uint64_t>(state_.step));
  while (state_.step < options_.steps) {
    if (const auto reason = asked_to_stop()) return *reason;
    take_step(loader);
    show(loader);
    const bool last = state_.step == options_.steps;
    const bool validates = state_.step % options_.validate_every == 0 || last;
    if (validates || state_.step == kFirstReport) report(loader);
    if (validates && !validate()) return StopReason::kPatience;
    if (seconds_since(last_checkpoint_) > limits_.checkpoint_seconds) checkpoint();
  }
  return StopReason::kSteps;
}

/// Every process fits the same model.
StopReason Trainer::fit() {
  const auto windows = fit_windows(corpus_, *model_.codec, window_options());
  std::size_t next = 0;
  model_.network->fit([&]() -> std::optional<models::Batch> {
    if (InterruptGuard::requested()) throw Interrupted("interrupted; nothing was fitted");
    if (next >= windows.size()) return std::nullopt;
    const auto last =
        std::min(next + static_cast<std::size_t>(options_.batch_size), windows.size());
    std::vector<std::vector<datasets::BarRows>> rows;
    for (; next < last; ++next) {
      rows.push_back(datasets::rows_of(corpus_, *model_.codec, windows[next]));
    }
    progress_.update(double(next) / double(windows.size()), "passages");
    return make_batch(model_, rows);
  });
  state_.seconds = seconds_before_ + session_seconds();
  validate();
  return StopReason::kFitted;
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
  recent_ += training_.take(loader.next(), state_.step);
  ++state_.step;
  state_.seconds = seconds_before_ + session_seconds();
}

/// Reading the figures waits for the device, so they are read only when they are shown.
void Trainer::show(const BatchLoader& loader) {
  if (!progress_.due()) return;
  char status[160];
  std::snprintf(
      status, sizeof status,
      "step %lld  loss %.2f  accuracy %.3f  KL %.1f bits  %.1f passages/s  waiting %.1f %%",
      static_cast<long long>(state_.step), recent_.loss(),
      recent_.teacher_forced_accuracy().share(), recent_.kl_bits(),
      static_cast<double>(recent_.passages()) / seconds_since(recent_start_),
      100 * (loader.seconds_waited() - recent_waited_) / seconds_since(recent_start_));
  progress_.update(fraction_done(), status);
}

double Trainer::fraction_done() const {
  const double steps = static_cast<double>(state_.step) / static_cast<double>(options_.steps);
  return std::max(steps, session_seconds() / (limits_.minutes * 60));
}

void Trainer::report(const BatchLoader& loader) {
  training_.check();
  nlohmann::json line = to_json(recent_);
  const double seconds = seconds_since(recent_start_);
  line["step"] = state_.step;
  line["seconds"] = state_.seconds;
  line["learning_rate"] = learning_rate(options_, state_.step);
  line["passages_per_s"] = static_cast<double>(recent_.passages()) / seconds;
  line["wait_share"] = (loader.seconds_waited() - recent_waited_) / seconds;
  append_metrics(line);
  recent_ = {};
  recent_waited_ = loader.seconds_waited();
  recent_start_ = Clock::now();
}

bool Trainer::validate() {
  if (validation_.empty()) {
    recent_start_ = Clock::now();
    return true;
  }
  const auto measured = validation_.measure();
  const nlohmann::json metrics = to_json(measured);
  append_metrics({{"step", state_.step}, {"validation", metrics}});
  if (processes_.first()) write_run_sample(model_, state_.step, folder_.samples());
  const double loss = measured.loss();
  // Validations have gaps, so they say nothing of an inpainter that has not yet been trained on
  // gaps.
  const bool counts = !model_.network->inpaints() || state_.step > options_.whole_steps;
  const bool better = counts && loss < state_.best_validation_loss;
  if (better) {
    state_.best_validation_loss = loss;
    state_.best_step = state_.step;
    state_.validations_since_best = 0;
    save_best(metrics);
  } else if (counts) {
    ++state_.validations_since_best;
  }
  char text[120];
  std::snprintf(text, sizeof text, "step %lld: validation loss %.2f, accuracy %.3f%s",
                static_cast<long long>(state_.step), loss,
                measured.teacher_forced_accuracy().share(), better ? ", best so far" : "");
  progress_.message(text);
  recent_start_ = Clock::now();
  return options_.patience == 0 || state_.validations_since_best < options_.patience;
}

void Trainer::append_metrics(const nlohmann::json& line) {
  if (processes_.first()) folder_.append_metrics(line);
}

void Trainer::checkpoint() {
  training_.check();
  if (!processes_.first()) return;
  folder_.save_state(model_, training_.optimizer(), state_);
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
  return Trainer(model, corpus, options, folder, limits, progress, processes).run();
}

}  // namespace musicvae
