#pragma once

#include <torch/cuda.h>

#include "tests/catch.hpp"

namespace musicvae {

/// Whether there is a CUDA device; says so where a test is left out for want of one.
inline bool cuda_at_hand() {
  if (torch::cuda::is_available()) return true;
  WARN("left out: no CUDA device is at hand");
  return false;
}

}  // namespace musicvae
