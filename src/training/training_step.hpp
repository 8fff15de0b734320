#pragma once

#include <cstdint>

#include "models/model.hpp"
#include "models/objective/metrics.hpp"
#include "src/base/error.hpp"
#include "src/distributed/distributed.hpp"
#include "src/distributed/gradient_sum.hpp"
#include "src/training/adam.hpp"
#include "src/training/training_options.hpp"

namespace musicvae {

/// The loss or its gradient is not a number.
class NotANumber : public Error {
 public:
  using Error::Error;
};

/// Optimiser steps on a network: loss, gradient over all processes, clipping, Adam. One process on
/// a CUDA device never waits for it.
class TrainingStep {
 public:
  /// Keeps references to all three.
  TrainingStep(models::Model& network, const TrainingOptions& options,
               const Distributed& processes);

  /// Step number `step` with this process's share of its batch; what it gives is of the whole
  /// batch. A loss or gradient that is not a number leaves the parameters as they are; on the CPU
  /// it is found at once, as by check().
  models::ElboMeter take(const models::Batch& batch, std::int64_t step);

  /// Throws NotANumber where a step so far met one. Waits for the device.
  void check() const;

  Adam& optimizer() { return optimizer_; }

 private:
  models::ElboMeter compute_gradients(const models::Batch& batch, std::int64_t step);

  models::Model& network_;
  const TrainingOptions& options_;
  const Distributed& processes_;
  Share share_;  // Of each batch.
  Adam optimizer_;
  GradientSum gradients_;
  torch::Tensor first_bad_;  // Step, or -1.
};

}  // namespace musicvae
