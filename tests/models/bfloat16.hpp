#pragma once

#include "models/kernels/gemm.hpp"
#include "tests/catch.hpp"

namespace musicvae {

/// Whether products are rounded to bfloat16 here. If they are not, a warning says that the test is
/// left out.
inline bool bfloat16_products_at_hand() {
  if (models::bfloat16_products_are_fast()) return true;
  WARN("left out: this CPU has no tiles for bfloat16");
  return false;
}

}  // namespace musicvae
