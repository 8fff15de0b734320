#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <torch/types.h>

namespace musicvae::models {

/// Keeps what was made of some weights from one use to the next, until the weights change. Any
/// number of threads may ask.
template <class Made>
class WeightsCache {
 public:
  /// What make() gave of the weights as they are, null included.
  template <class Make>
  std::shared_ptr<const Made> get(const std::vector<torch::Tensor>& weights, const Make& make) {
    const std::lock_guard lock(mutex_);
    std::vector<State> states(weights.begin(), weights.end());
    if (states != made_of_) {
      kept_ = make();
      made_of_ = std::move(states);
    }
    return kept_;
  }

 private:
  /// Where a tensor's values are, which stay there meanwhile, and how often they were changed.
  struct State {
    explicit State(const torch::Tensor& tensor)
        : memory(tensor.storage()), values(tensor.data_ptr()), version(tensor._version()) {}
    bool operator==(const State& other) const {
      return values == other.values && version == other.version;
    }

    c10::Storage memory;
    const void* values;
    std::uint32_t version;
  };

  std::mutex mutex_;
  std::vector<State> made_of_;
  std::shared_ptr<const Made> kept_;
};

}  // namespace musicvae::models
