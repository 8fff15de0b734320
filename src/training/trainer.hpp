#pragma once

#include <filesystem>
#include <limits>
#include <string>

#include "datasets/corpus/corpus.hpp"
#include "src/base/progress.hpp"
#include "src/distributed/distributed.hpp"
#include "src/music/music_model.hpp"
#include "src/training/run_folder.hpp"
#include "src/training/training_options.hpp"

namespace musicvae {

/// The limits of one session of training. They are no part of the run itself.
struct TrainerLimits {
  double minutes = std::numeric_limits<double>::infinity();  ///< How long this session may take.
  double checkpoint_seconds = 60;                            ///< Time between saved states.
};

enum class StopReason { kSteps, kMinutes, kPatience, kInterrupted, kFitted };

struct TrainingResult {
  TrainingState state;
  StopReason reason = StopReason::kSteps;
};

/// Trains `model` on the corpus from where `folder`'s state says (or from the start) and keeps the
/// best by validation loss in folder.model(). Throws NotANumber where the loss is not a number, and
/// LostProcess where one of `processes` is lost; either way the folder keeps the last good state.
/// Where anything else ends the training, such as a full disk, the state it has come to is saved,
/// in a copy of the run if the folder takes no files, and the Error says where.
///
/// A family that is fitted takes no steps: it sees the passages of the training pieces once, in
/// the transpositions of the options (fit_windows()).
///
/// Several processes share each batch; the model is the one that a single process would have
/// trained, but for rounding. Process 0 alone uses `folder`, and the others take its parameters.
TrainingResult train(MusicModel& model, const datasets::Corpus& corpus,
                     const TrainingOptions& options, const RunFolder& folder,
                     const TrainerLimits& limits, Progress& progress,
                     const Distributed& processes = Distributed());

}  // namespace musicvae
