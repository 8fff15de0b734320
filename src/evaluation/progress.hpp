#pragma once

#include <cstddef>
#include <functional>

namespace musicvae {

/// Gets the share that is done, 0 to 1. If it returns false, Interrupted is thrown.
using EvaluationProgress = std::function<bool(double)>;

/// Tells `progress`, where there is one, that `done` of `total` are done. Throws Interrupted where
/// it asks to stop.
void report_progress(const EvaluationProgress& progress, std::size_t done, std::size_t total);

}  // namespace musicvae
