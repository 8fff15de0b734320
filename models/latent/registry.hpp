#pragma once

#include "models/model.hpp"

namespace musicvae::models {

/// Gives a model the posterior and the prior of its config, which is resolved(). Parameters are
/// drawn from the generator; if that is undefined, they are to be loaded.
void add_latent(Model& model, torch::Generator generator);

}  // namespace musicvae::models
