#include "models/config.hpp"

namespace musicvae::models {

void validate(const ModelConfig& config) {
  if (config.bars < 1) throw ModelError("model config: bars must be at least 1");
}

}  // namespace musicvae::models
