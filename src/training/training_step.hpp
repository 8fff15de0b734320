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

/// Optimiser steps on a network: loss, gradient over all processes, clipping, Adam. On a single
/// process, take() never waits for a CUDA device.
class TrainingStep {
 public:
  /// Keeps references to all three.
  TrainingStep(models::Model& network, const TrainingOptions& options,
               const Distributed& processes);

  /// Takes step number `step` with this process's share of the batch, and gives the figures of the
  /// whole batch. A loss or gradient that is not a number leaves the parameters as they are. On the
  /// CPU this is found at once and thrown as check() does.
  models::ElboMeter take(const models::Batch& batch, std::int64_t step);

  /// Throws NotANumber if the loss or gradient of any step so far was not a number. Waits for the
  /// device.
  void check() const;

  Adam& optimizer() { return optimizer_; }

 private:
  models::ElboMeter compute_gradients(const models::Batch& batch, std::int64_t step);

  models::Model& network_;
  const TrainingOptions& options_;
  const Distributed& processes_;
  Share share_;  // Our passages of each batch.
  Adam optimizer_;
  GradientSum gradients_;
  torch::Tensor first_bad_;  // The first step without a number, or -1.
};

}  // namespace musicvae
