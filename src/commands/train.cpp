#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>

#include <torch/cuda.h>
#include <torch/utils.h>

#include "datasets/corpus/corpus.hpp"
#include "datasets/corpus/mapping.hpp"
#include "models/kernels/threads.hpp"
#include "src/base/error.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/corpus_input.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/device.hpp"
#include "src/music/generation.hpp"
#include "src/music/tensor_names.hpp"
#include "src/training/trainer.hpp"
#include "src/training/training_step.hpp"

namespace musicvae::commands {
namespace {

constexpr std::string_view kModelPrefix = "model.";

bool is_of_model(const models::Setting& setting) { return setting.key.starts_with(kModelPrefix); }

struct TrainOptions {
  CommonOptions common;
  CorpusInput input;
  std::string device = "auto";
  std::string output;
  std::string preset = "notes-4bar-small";
  std::string resume;
  std::string init;
  TrainerLimits limits;
  std::map<std::string, nlohmann::json> given;  ///< Settings to be laid over the preset, by flag.
};

/// "model.encoder.layers" as "--encoder-layers".
std::string flag_of(const models::Setting& setting) {
  if (!setting.rules.flag.empty()) return setting.rules.flag;
  std::string flag = "--" + setting.key;
  if (is_of_model(setting)) flag.erase(2, kModelPrefix.size());
  for (char& letter : flag) {
    if (letter == '_' || letter == '.') letter = '-';
  }
  return flag;
}

/// A value that breaks the setting's rules is an error of usage that names the flag.
void check_value(const models::Setting& setting, const nlohmann::json& value) {
  try {
    models::check(setting, value);
  } catch (const models::ModelError& error) {
    throw CLI::ValidationError(flag_of(setting), error.what());
  }
}

/// Declares the flag of one setting, whose type is `Value`.
template <class Value>
void add_setting(CLI::App& command, TrainOptions& options, const models::Setting& setting) {
  const auto take = [&options, setting](const Value& value) {
    check_value(setting, value);
    options.given[flag_of(setting)] = value;
  };
  auto* const option = command.add_option_function<Value>(flag_of(setting), take, setting.help)
                           ->group(is_of_model(setting) ? "Model settings" : "Training settings");
  if (const auto& choices = setting.rules.choices; !choices.empty()) {
    option->check(one_of(choices));
  }
}

void add_settings(CLI::App& command, TrainOptions& options) {
  static TrainingOptions types;  // The rows point into it.
  for (const auto& setting : settings(types)) {
    if (setting.help.empty()) continue;
    std::visit(
        [&]<class Field>(const Field*) {
          using Value = std::conditional_t<std::is_enum_v<Field>, std::string, Field>;
          add_setting<Value>(command, options, setting);
        },
        setting.value);
  }
}

/// Lays what the user gave over `target`.
void apply_given(const TrainOptions& options, TrainingOptions& target) {
  for (const auto& setting : settings(target)) {
    const auto given = options.given.find(flag_of(setting));
    if (given != options.given.end()) models::set(setting, given->second);
  }
}

/// `start` is the model of --init, where there is one.
TrainingOptions chosen_options(const TrainOptions& options,
                               const std::optional<MusicModel>& start) {
  TrainingOptions chosen = find_preset(options.preset).options;
  if (start) {
    const models::ModelConfig preset = chosen.model;
    chosen.codec = start->codec->name();
    chosen.steps_per_quarter = start->codec->grid().steps_per_quarter;
    chosen.model = start->network->config();
    // A conductor's bars may get another prior, over longer passages.
    if (preset.family == "conductor" && chosen.model.family == "conductor") {
      chosen.model.bars = preset.bars;
      chosen.model.conductor = preset.conductor;
    }
  }
  apply_given(options, chosen);
  return chosen;
}

MusicModel make_model_for(const TrainingOptions& training) {
  const datasets::Grid grid{training.steps_per_quarter};
  return make_music_model(training.model, datasets::make_codec(training.codec, grid),
                          make_generator(training.seed));
}

/// Copies what `start`, the model of --init, has in common with `model`.
void start_from(const MusicModel& start, const TrainOptions& options, MusicModel& model) {
  const bool same_rows =
      start.codec->name() == model.codec->name() && start.codec->grid() == model.codec->grid();
  const auto taken = models::weights_in_common(
      start.network->config(), tensors_by_name(*start.network), model.network->config());
  if (!same_rows || taken.empty()) {
    throw Error("--init " + options.init +
                ": the model has other sizes or rows than the settings ask for; " +
                "leave out --codec, --steps-per-quarter and the model settings");
  }
  model.training["fine_tuned_from"] = start.training;
  auto tensors = tensors_by_name(*model.network);
  for (const auto& [name, tensor] : taken) tensors.at(name).copy_(tensor);
  if (taken.size() == tensors.size()) return;
  log(options.common, options.init + ": " + std::to_string(taken.size()) +
                          " tensors are taken over; " +
                          std::to_string(tensors.size() - taken.size()) + " begin anew");
}

/// What the model file says of the music it was trained on.
nlohmann::json data_record(const datasets::Corpus& corpus) {
  std::map<std::string, int> meters;
  int pieces = 0, bars = 0;
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    if (corpus.info(i).split != datasets::Split::kTrain) continue;
    ++pieces;
    bars += corpus.info(i).bars;
    for (const auto& bar : corpus.window(i, 0, corpus.info(i).bars)) ++meters[describe(bar.meter)];
  }
  return {{"pieces", pieces}, {"bars", bars}, {"bars_by_meter", meters}};
}

const char* describe(StopReason reason) {
  switch (reason) {
    case StopReason::kSteps:
      return "all steps done";
    case StopReason::kMinutes:
      return "time is up";
    case StopReason::kPatience:
      return "validation stopped improving";
    case StopReason::kInterrupted:
      return "interrupted";
    case StopReason::kFitted:
      return "fitted in one pass";
  }
  return "";
}

void show_result(const TrainOptions& options, const RunFolder& folder,
                 const TrainingResult& result) {
  const TrainingState& state = result.state;
  if (options.common.json) {
    nlohmann::json json = {{"run", folder.path().string()},
                           {"model", folder.model().string()},
                           {"step", state.step},
                           {"best_step", state.best_step},
                           {"seconds", state.seconds},
                           {"stopped", describe(result.reason)}};
    if (std::isfinite(state.best_validation_loss)) {
      json["best_validation_loss"] = state.best_validation_loss;
    }
    print_json(json);
    return;
  }
  std::cout << "trained " << state.step << " steps in " << format_duration(state.seconds) << " ("
            << describe(result.reason) << ")\nmodel: " << folder.model().string() << '\n';
  if (std::isfinite(state.best_validation_loss)) {
    std::cout << "best validation loss " << state.best_validation_loss << " at step "
              << state.best_step << '\n';
  } else {
    std::cout << "no piece was held out, so the last model is kept; --hold-out or more pieces give "
                 "a validation\n";
  }
}

/// What is to be trained, and on what. Process 0 alone knows where the corpus is, and holds the
/// run.
struct Plan {
  std::unique_ptr<RunHold> hold;
  TrainingOptions training;
  MusicModel model;
  std::filesystem::path corpus;
};

/// As make_model_for(). Settings that do not go together are an error of usage.
MusicModel make_new_model(const TrainingOptions& training) {
  try {
    validate(training);
    return make_model_for(training);
  } catch (const models::ModelError& error) {
    throw UsageError(error.what());
  }
}

Plan plan_new(const TrainOptions& options, const RunFolder& folder, int processes) {
  Plan plan;
  plan.hold = std::make_unique<RunHold>(RunHold::begin(folder));
  std::optional<MusicModel> start;
  if (!options.init.empty()) start = musicvae::load_model(options.init);
  plan.training = chosen_options(options, start);
  plan.training.batch_size *= processes;
  plan.model = make_new_model(plan.training);
  if (start) start_from(*start, options, plan.model);
  const datasets::Grid grid{plan.training.steps_per_quarter};
  plan.corpus =
      corpus_for(options.input, plan.training.codec, grid, folder.corpus(), options.common);
  folder.save_config(plan.training, {plan.corpus, datasets::Corpus::open(plan.corpus).content()});
  return plan;
}

/// Whether the corpus is the one that the run was begun with.
bool is_same_music(const std::filesystem::path& path, std::uint64_t content) {
  return content == 0 || datasets::Corpus::open(path).content() == content;
}

/// The corpus of a run that goes on, where the user does not say where it is.
std::filesystem::path find_corpus(const RunFolder& folder) {
  std::string places;
  for (const auto& [path, content] : folder.load_corpora()) {
    const bool there = std::filesystem::exists(path);
    if (there && is_same_music(path, content)) return path;
    places +=
        "\n  " + path.lexically_normal().string() + (there ? " is other music" : " is not there");
  }
  throw Error("the music that " + folder.path().string() +
              " was begun with is not found; name it: musicvae train PATH --resume " +
              folder.path().string() + places);
}

/// The corpus of a run that goes on with the music that the user names, which must be the same.
std::filesystem::path take_corpus(const TrainOptions& options, const TrainingOptions& training,
                                  const RunFolder& folder) {
  const auto prepared = folder.path() / "given.mvc";
  auto corpus = corpus_for(options.input, training.codec, {training.steps_per_quarter}, prepared,
                           options.common);
  const auto content = folder.load_corpora().front().content;
  const bool same = is_same_music(corpus, content);
  if (corpus == prepared && same) {
    corpus = folder.corpus();
    std::filesystem::rename(prepared, corpus);
  }
  std::filesystem::remove(prepared);
  if (same) return corpus;
  throw Error("this is other music, or held out otherwise, than " + folder.path().string() +
              " was begun with; a run goes on with its own. Begin a new one, from the model of "
              "this one if you like: --init " +
              folder.model().string());
}

Plan plan_resumed(const TrainOptions& options, const RunFolder& folder) {
  Plan plan;
  plan.hold = std::make_unique<RunHold>(RunHold::resume(folder));
  plan.training = folder.load_config();
  plan.corpus = options.input.paths.empty() ? find_corpus(folder)
                                            : take_corpus(options, plan.training, folder);
  folder.save_config(plan.training, {plan.corpus, datasets::Corpus::open(plan.corpus).content()});
  apply_given(options, plan.training);
  plan.model = make_model_for(plan.training);
  return plan;
}

/// Process 0 makes the plan and tells it to the others, which need neither the run's folder nor its
/// music.
Plan share_plan(const TrainOptions& options, const RunFolder& folder,
                const Distributed& processes) {
  Plan plan;
  const auto text = processes.tell([&] {
    plan = options.resume.empty() ? plan_new(options, folder, processes.size())
                                  : plan_resumed(options, folder);
    return to_json(plan.training).dump();
  });
  if (!processes.first()) {
    plan.training = training_options_from_json(nlohmann::json::parse(text));
    plan.model = make_model_for(plan.training);
  }
  return plan;
}

/// Process 0 opens the corpus and sends it to the others. Their copies are files without a name, so
/// that nothing stays behind where the training is killed.
datasets::Corpus open_corpus(const std::filesystem::path& path, const Distributed& processes) {
  if (processes.first()) {
    processes.share_file(path, {});
    return datasets::Corpus::open(path);
  }
  auto copy = datasets::Spool::temporary();
  processes.share_file(path, [&](std::span<const std::byte> bytes) { copy.append(bytes); });
  return datasets::Corpus::open(copy);
}

std::string how_to_go_on(const RunFolder& folder, bool first) {
  if (first && !std::filesystem::exists(folder.state())) {
    return "no checkpoint had been saved yet; start the run anew";
  }
  const auto run = folder.path().string();
  return "the last checkpoint is in " + run + (first ? "" : " of process 0") +
         "; go on with: musicvae train --resume " + run;
}

/// As train(), whose errors say here what to do on the command line.
TrainingResult train_plan(const TrainOptions& options, Plan& plan, const datasets::Corpus& corpus,
                          const RunFolder& folder, const Distributed& processes) {
  Progress progress(options.common.verbosity());
  try {
    return train(plan.model, corpus, plan.training, folder, options.limits, progress, processes);
  } catch (const NotANumber& error) {
    const bool kept = std::filesystem::exists(folder.state());
    throw Error(std::string(error.what()) + "; " +
                (kept ? "the last good state is kept in " + folder.path().string()
                      : std::string("no state had been saved yet")) +
                ". Start anew with a lower --learning-rate or --clip-norm");
  } catch (const LostProcess& error) {
    throw Error(std::string(error.what()) + "; " + how_to_go_on(folder, processes.first()));
  }
}

void train_together(const TrainOptions& options, const torch::Device& device,
                    const Distributed& processes) {
  const RunFolder folder(options.resume.empty() ? options.output : options.resume);
  Plan plan = share_plan(options, folder, processes);
  const auto corpus = open_corpus(plan.corpus, processes);
  plan.model.device = device;
  plan.model.network->to(device);
  plan.model.training["data"] = data_record(corpus);
  const TrainingResult result = train_plan(options, plan, corpus, folder, processes);
  if (result.reason == StopReason::kInterrupted) {
    throw Interrupted("interrupted at step " + std::to_string(result.state.step) +
                      "; go on with: musicvae train --resume " + folder.path().string());
  }
  if (processes.first()) show_result(options, folder, result);
}

void check_usage(const TrainOptions& options) {
  if (options.resume.empty()) {
    check_paths(options.input, "train (without --resume)");
    if (options.output.empty()) throw UsageError("train needs -o RUN, a folder for the run");
    return;
  }
  if (!options.output.empty()) {
    throw UsageError("--resume goes on in the run's own folder; leave out -o");
  }
  if (options.input.paths.empty() && !options.input.hold_out.empty()) {
    throw UsageError("--resume goes on with the run's own music; leave out --hold-out");
  }
  for (const auto& [flag, value] : options.given) {
    if (flag != "--steps" && flag != "--patience") {
      throw UsageError("--resume goes on with the run's own settings; leave out " + flag);
    }
  }
}

/// The processes of a machine take its devices in turn.
torch::Device device_of(const ProcessPlace& place, const std::string& name) {
  const auto device = pick_device(name);
  if (!device.is_cuda() || place.size == 1) return device;
  const auto index = place.local_rank % static_cast<int>(torch::cuda::device_count());
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

void run(TrainOptions options) {
  check_usage(options);
  const ProcessPlace place = process_place();
  use_threads(options.common.threads);
  if (options.common.threads == 0)
    use_threads(std::max(1, models::thread_count() / place.local_size));
  options.common.quiet |= place.rank != 0;
  const auto device = device_of(place, options.device);
  train_together(options, device, Distributed(place, device));
}

std::string preset_help() {
  std::string text = "Starting point: ";
  for (const Preset& preset : presets()) {
    text += (text.back() == ' ' ? "" : "; ") + std::string(preset.name) + " (" +
            std::string(preset.summary) + ")";
  }
  return text;
}

}  // namespace

void setup_train(CLI::App& command) {
  auto options = std::make_shared<TrainOptions>();
  add_corpus_options(command, options->input);
  command.add_option("-o,--output", options->output, "Folder for the run, new")->type_name("RUN");
  command.add_option("--preset", options->preset, preset_help())->capture_default_str();
  auto* resume = command.add_option("--resume", options->resume, "Go on with a run, exactly")
                     ->type_name("RUN");
  command.add_option("--init", options->init, "Fine-tune from a model instead of a fresh one")
      ->type_name("MODEL")
      ->excludes(resume);
  command.add_option("--minutes", options->limits.minutes, "Stop after so long")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--checkpoint-seconds", options->limits.checkpoint_seconds,
                  "Time between saved states")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--device", options->device, "Where the network runs")
      ->check(one_of({"auto", "cpu", "cuda"}))
      ->capture_default_str();
  add_settings(command, *options);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
