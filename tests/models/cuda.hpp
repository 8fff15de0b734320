#pragma once

#include <torch/cuda.h>

#include "tests/catch.hpp"

namespace musicvae {

/// Whether there is a CUDA device. If there is none, a warning says that the test is left out.
inline bool cuda_at_hand() {
  if (torch::cuda::is_available()) return true;
  WARN("left out: no CUDA device is at hand");
  return false;
}

}  // namespace musicvae
