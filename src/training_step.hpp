#pragma once

#include <cstdint>

#include "models/metrics.hpp"
#include "models/model.hpp"
#include "src/adam.hpp"
#include "src/distributed.hpp"
#include "src/error.hpp"
#include "src/gradient_sum.hpp"
#include "src/training_options.hpp"

namespace musicvae {

/// The loss or its gradient is not a number.
class NotANumber : public Error {
 public:
  using Error::Error;
};

/// Optimiser steps on a network: loss, gradient over all processes, clipping, Adam.
class TrainingStep {
 public:
  /// Keeps references to all three.
  TrainingStep(models::Model& network, const TrainingOptions& options,
               const Distributed& processes);

  /// Step number `step` with this process's share of its batch; what it gives is of the whole
  /// batch. Throws NotANumber, the parameters unchanged.
  models::ElboMeter take(const models::Batch& batch, std::int64_t step);

  Adam& optimizer() { return optimizer_; }

 private:
  models::ElboMeter compute_gradients(const models::Batch& batch, std::int64_t step);
  void update(double gradient_norm, std::int64_t step);

  models::Model& network_;
  const TrainingOptions& options_;
  const Distributed& processes_;
  Share share_;  // Of each batch.
  Adam optimizer_;
  GradientSum gradients_;
};

}  // namespace musicvae
