#pragma once

#include <string>

#include "models/objective/objectives.hpp"

namespace musicvae::models {

using ObjectiveLoss = Loss (*)(const LossStep& step);

/// The loss of an objective. Throws ModelError where none has the name.
ObjectiveLoss objective_loss(const std::string& objective);

}  // namespace musicvae::models
