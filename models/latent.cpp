#include "models/latent.hpp"

#include "models/error.hpp"

namespace musicvae::models {

torch::Tensor PosteriorKind::log_density_B(const Posterior& /*posterior*/,
                                           const torch::Tensor& /*z_BZ*/) {
  throw ModelError("the density of this posterior is not known of z that it did not draw");
}

}  // namespace musicvae::models
