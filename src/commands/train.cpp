#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include <torch/cuda.h>
#include <torch/utils.h>

#include "datasets/corpus/corpus.hpp"
#include "datasets/corpus/mapping.hpp"
#include "models/kernels/threads.hpp"
#include "src/base/error.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/corpus_input.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/device.hpp"
#include "src/music/generation.hpp"
#include "src/training/trainer.hpp"

namespace musicvae::commands {
namespace {

/// A flag the user gave, to be laid over a preset.
struct Override {
  std::string flag;
  std::function<void(TrainingOptions&)> apply;
};

struct TrainOptions {
  CommonOptions common;
  CorpusInput input;
  std::string device = "auto";
  std::string output;
  std::string preset = "notes-4bar-small";
  std::string resume;
  std::string init;
  TrainerLimits limits;
  std::vector<Override> overrides;
};

/// Declares a flag for the field that `access` names; its default is the preset's.
template <class Access>
CLI::Option* add_setting(CLI::App& command, TrainOptions& options, const std::string& flag,
                         Access access, const std::string& help) {
  using Value = std::remove_reference_t<decltype(access(std::declval<TrainingOptions&>()))>;
  const auto take = [&options, flag, access](const Value& value) {
    options.overrides.push_back(
        {flag, [access, value](TrainingOptions& target) { access(target) = value; }});
  };
  return command.add_option_function<Value>(flag, take, help)->group("Training settings");
}

#define FIELD(name) \
  [](TrainingOptions & o) -> auto& { return o.name; }

void add_training_settings(CLI::App& command, TrainOptions& options) {
  const auto add = [&](const char* flag, auto access, const char* help) {
    return add_setting(command, options, flag, access, help);
  };
  add("--codec", FIELD(codec), "Row encoding: melody, melody-ticks, notes, pianoroll");
  add("--steps-per-quarter", FIELD(steps_per_quarter), "Grid; 12 also holds triplets");
  add("--steps", FIELD(steps), "Optimiser steps in all");
  add("--batch-size", FIELD(batch_size), "Passages a step, of each process");
  add("--learning-rate", FIELD(learning_rate), "Of Adam, at the start");
  add("--learning-rate-decay", FIELD(learning_rate_decay), "Factor a step");
  add("--min-learning-rate", FIELD(min_learning_rate), "Where the decay ends");
  add("--clip-norm", FIELD(clip_norm), "Longest gradient");
  add("--skip-norm", FIELD(skip_norm), "A gradient longer than this is dropped");
  add("--beta", FIELD(beta), "Weight of the KL term");
  add("--beta-rate", FIELD(beta_rate), "Annealing, beta (1 - rate^step); 0 is none");
  add("--free-bits", FIELD(free_bits), "KL bits a passage that cost nothing");
  add("--scheduled-sampling", FIELD(scheduled_sampling), "k of its schedule; 0 is teacher forcing");
  add("--row-dropout", FIELD(row_dropout), "Share of rows hidden from the decoder, below 1");
  add("--gap-share", FIELD(gap_share), "Batches with missing bars, for families that inpaint");
  add("--whole-steps", FIELD(whole_steps), "Steps before the first of them");
  add("--transpose-down", FIELD(transpose_down), "Augmentation, semitones");
  add("--transpose-up", FIELD(transpose_up), "Augmentation, semitones");
  add("--piece-weight", FIELD(piece_weight), "1 treats all windows alike, 0 all pieces");
  add("--mixed-precision", FIELD(mixed_precision),
      "Products in bfloat16 where that is faster: on a GPU, on a CPU with AMX");
  add("--validate-every", FIELD(validate_every), "Steps");
  add("--patience", FIELD(patience), "Validations without a better one before stopping; 0 never");
  add("--seed", FIELD(seed), "Same seed and threads, same model");
}

void add_model_settings(CLI::App& command, TrainOptions& options) {
  const auto add = [&](const char* flag, auto access, const char* help) {
    return add_setting(command, options, flag, access, help)->group("Model settings");
  };
  add("--family", FIELD(model.family),
      "Model family: hierarchical, flat, masked, inpaintnet, sketchnet");
  add("--bars", FIELD(model.bars), "Bars of a passage");
  add("--latent", FIELD(model.latent), "Dimensions of z");
  add("--encoder-layers", FIELD(model.encoder.layers), "");
  add("--encoder-hidden", FIELD(model.encoder.hidden), "Units a direction");
  add("--conductor-layers", FIELD(model.conductor.layers), "");
  add("--conductor-hidden", FIELD(model.conductor.hidden), "");
  add("--decoder-layers", FIELD(model.decoder.layers), "");
  add("--decoder-hidden", FIELD(model.decoder.hidden), "");
  add("--carry-row", FIELD(model.carry_row),
      "Whether a bar begins with the last row of the last one");
  const auto take_kind = [&options](const std::string& kind) {
    options.overrides.push_back({"--encoder", [kind](TrainingOptions& target) {
                                   target.model.encoder_kind =
                                       kind == "flat" ? models::EncoderKind::kFlat
                                                      : models::EncoderKind::kHierarchical;
                                 }});
  };
  command.add_option_function<std::string>("--encoder", take_kind, "Over all rows, or bar by bar")
      ->check(CLI::IsMember({"flat", "hierarchical"}))
      ->group("Model settings");
}

#undef FIELD

TrainingOptions chosen_options(const TrainOptions& options) {
  TrainingOptions chosen;
  if (options.init.empty()) {
    chosen = find_preset(options.preset).options;
  } else {
    const MusicModel start = musicvae::load_model(options.init);
    chosen = find_preset(options.preset).options;
    chosen.codec = start.codec->name();
    chosen.steps_per_quarter = start.codec->grid().steps_per_quarter;
    chosen.model = start.network->config();
  }
  for (const Override& item : options.overrides) item.apply(chosen);
  validate(chosen);
  return chosen;
}

MusicModel make_model_for(const TrainingOptions& training) {
  const datasets::Grid grid{training.steps_per_quarter};
  return make_music_model(training.model, datasets::make_codec(training.codec, grid),
                          make_generator(training.seed));
}

/// Copies the parameters of --init.
void start_from(MusicModel& model, const std::string& init) {
  const MusicModel start = musicvae::load_model(init);
  if (!(start.network->config() == model.network->config()) ||
      start.codec->name() != model.codec->name() || start.codec->grid() != model.codec->grid()) {
    throw Error("--init " + init +
                ": the model has other sizes or rows than the settings ask for; " +
                "leave out --codec, --steps-per-quarter and the model settings");
  }
  model.training["fine_tuned_from"] = start.training;
  const torch::NoGradGuard no_grad;
  const auto targets = model.network->named_parameters();
  for (const auto& item : start.network->named_parameters()) {
    targets[item.key()].detach().copy_(item.value());
  }
}

/// What the model file tells of its data.
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

/// What process 0 found to train, and on what.
struct Plan {
  TrainingOptions training;
  MusicModel model;
  std::filesystem::path corpus;
};

Plan plan_new(const TrainOptions& options, const RunFolder& folder, int processes) {
  Plan plan;
  plan.training = chosen_options(options);
  plan.training.batch_size *= processes;
  validate(plan.training);
  plan.model = make_model_for(plan.training);
  if (!options.init.empty()) start_from(plan.model, options.init);
  folder.create();
  const datasets::Grid grid{plan.training.steps_per_quarter};
  plan.corpus =
      corpus_for(options.input, plan.training.codec, grid, folder.corpus(), options.common);
  folder.save_config(plan.training, std::filesystem::absolute(plan.corpus).string());
  return plan;
}

Plan plan_resumed(const TrainOptions& options, const RunFolder& folder) {
  Plan plan;
  std::string corpus_path;
  plan.training = folder.load_config(&corpus_path);
  for (const Override& item : options.overrides) item.apply(plan.training);
  validate(plan.training);
  plan.model = make_model_for(plan.training);
  plan.corpus = corpus_path;
  return plan;
}

/// The others need neither the run's folder nor its music.
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

/// The others' copies have no name: nothing stays behind where the training is killed.
datasets::Corpus open_corpus(const std::filesystem::path& path, const Distributed& processes) {
  if (processes.first()) {
    processes.share_file(path, {});
    return datasets::Corpus::open(path);
  }
  auto copy = datasets::Spool::temporary();
  processes.share_file(path, [&](std::span<const std::byte> bytes) { copy.append(bytes); });
  return datasets::Corpus::open(copy);
}

void train_together(const TrainOptions& options, const torch::Device& device,
                    const Distributed& processes) {
  const RunFolder folder(options.resume.empty() ? options.output : options.resume);
  Plan plan = share_plan(options, folder, processes);
  const auto corpus = open_corpus(plan.corpus, processes);
  plan.model.device = device;
  plan.model.network->to(device);
  plan.model.training["data"] = data_record(corpus);
  Progress progress(options.common.verbosity());
  const TrainingResult result =
      train(plan.model, corpus, plan.training, folder, options.limits, progress, processes);
  if (result.reason == StopReason::kInterrupted) {
    throw Interrupted("interrupted at step " + std::to_string(result.state.step) +
                      "; go on with: musicvae train --resume " + folder.path().string());
  }
  if (processes.first()) show_result(options, folder, result);
}

void check_usage(const TrainOptions& options) {
  if (options.resume.empty()) {
    if (options.input.paths.empty()) {
      throw UsageError("train needs MIDI files, folders or a corpus (or --resume RUN)");
    }
    if (options.output.empty()) throw UsageError("train needs -o RUN, a folder for the run");
    return;
  }
  for (const Override& item : options.overrides) {
    if (item.flag != "--steps" && item.flag != "--patience") {
      throw UsageError("--resume goes on with the run's own settings; leave out " + item.flag);
    }
  }
}

/// The machine's devices in turn, one a process.
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
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str();
  add_training_settings(command, *options);
  add_model_settings(command, *options);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
