#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/base/process_lock.hpp"
#include "src/music/music_model.hpp"
#include "src/training/adam.hpp"
#include "src/training/training_options.hpp"

namespace musicvae {

/// Where a run stands besides its parameters and moments. Noise and data are pure functions of the
/// seed and the step, so nothing else is needed to go on exactly.
struct TrainingState {
  std::int64_t step = 0;  ///< Optimiser steps taken.
  double best_validation_loss = std::numeric_limits<double>::infinity();
  std::int64_t best_step = 0;
  std::int64_t validations_since_best = 0;
  double seconds = 0;  ///< Time spent training since the run was begun, pauses left out.
};

nlohmann::json to_json(const TrainingState& state);
/// The inverse of to_json(). Throws nlohmann::json::exception on anything else.
TrainingState state_from_json(const nlohmann::json& json);

/// The music that a run trains on.
struct RunCorpus {
  std::filesystem::path path;
  /// Corpus::content(); 0 in a run of a program that did not write it down.
  std::uint64_t content = 0;
};

/// The folder of a training run. Every write is whole or not at all.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  /// The model with the best validation loss so far.
  std::filesystem::path model() const { return path_ / "model.safetensors"; }
  /// Where the run stands, to be resumed from.
  std::filesystem::path state() const { return path_ / "state.safetensors"; }
  /// What the model made up at each validation.
  std::filesystem::path samples() const { return path_ / "samples"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path config() const { return path_ / "config.json"; }
  std::filesystem::path corpus() const { return path_ / "corpus.mvc"; }
  std::filesystem::path lock() const { return path_ / ".lock"; }
  const std::filesystem::path& path() const { return path_; }

  /// Whether anything has been learned that could be lost: a state or a model. What else there may
  /// be comes from an attempt that got nowhere.
  bool holds_run() const;

  void save_config(const TrainingOptions& options, const RunCorpus& corpus) const;
  /// Throws Error where the folder holds no run, or a newer program's run with settings that this
  /// program does not know.
  TrainingOptions load_config() const;
  /// Where the corpus may be, and what it holds. It is looked for where it was, seen from the run,
  /// and then where it was on the disk, so that a run may be moved with its corpus or without.
  std::vector<RunCorpus> load_corpora() const;

  void save_state(const MusicModel& model, const Adam& optimizer, const TrainingState& state) const;
  /// Fills model and optimiser; throws Error on a damaged or foreign file.
  TrainingState load_state(MusicModel& model, Adam& optimizer) const;

  /// Drops the lines of metrics.jsonl past `step`: a killed run wrote them, and the resumed one
  /// writes them again.
  void truncate_metrics(std::int64_t step) const;
  void append_metrics(const nlohmann::json& line) const;

 private:
  nlohmann::json read_config() const;

  std::filesystem::path path_;
};

/// A process's hold on the folder of a run: no other one may train there meanwhile.
class RunHold {
 public:
  /// For a new run. Makes the folder. Throws Error where it holds a run, or another process trains
  /// there. A run that ends before anything has been learned leaves nothing behind.
  static RunHold begin(const RunFolder& folder);
  /// For a run that goes on. Throws Error where the folder holds none, or another process trains
  /// there.
  static RunHold resume(const RunFolder& folder);
  RunHold(RunHold&&) = default;
  RunHold& operator=(RunHold&&) = delete;
  ~RunHold();

 private:
  RunHold(RunFolder folder, bool is_new, bool made_folder);

  RunFolder folder_;
  bool is_new_;
  bool made_folder_;
  std::unique_ptr<ProcessLock> lock_;
};

}  // namespace musicvae
