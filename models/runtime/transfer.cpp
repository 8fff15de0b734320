#include "models/runtime/transfer.hpp"

namespace musicvae::models {

torch::Tensor send(const torch::Tensor& tensor, const torch::Device& device) {
  if (!device.is_cuda() || !tensor.is_cpu()) return tensor.to(device);
  return tensor.pin_memory().to(device, /*non_blocking=*/true);
}

}  // namespace musicvae::models
