#include "src/evaluation/progress.hpp"

#include "src/base/error.hpp"

namespace musicvae {

void report_progress(const EvaluationProgress& progress, std::size_t done, std::size_t total) {
  const double share = static_cast<double>(done) / static_cast<double>(total);
  if (progress && !progress(share)) throw Interrupted("interrupted");
}

}  // namespace musicvae
