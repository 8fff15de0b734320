#include "src/music/device.hpp"

#include <ATen/Parallel.h>
#include <torch/cuda.h>

#include "models/kernels/threads.hpp"
#include "src/base/error.hpp"

namespace musicvae {

torch::Device pick_device(const std::string& name) {
  const bool has_cuda = torch::cuda::is_available();
  if (name == "cuda" && !has_cuda) throw Error("no CUDA device is at hand; use the device 'cpu'");
  return name != "cpu" && has_cuda ? torch::kCUDA : torch::kCPU;
}

void use_threads(int threads) {
  models::set_thread_count(threads);
  at::set_num_threads(models::thread_count());
}

}  // namespace musicvae
