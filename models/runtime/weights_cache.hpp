#pragma once

#include <any>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <torch/types.h>

namespace musicvae::models {

/// Keeps what was made from some weights until the weights change. Any number of threads may use it
/// at once.
class WeightsCache {
 public:
  /// What make() returned for the weights as they are now. One cache is for one type of it.
  template <class Make>
  auto get(const std::vector<torch::Tensor>& weights, const Make& make) {
    using Made = decltype(make());
    const std::lock_guard lock(mutex_);
    std::vector<State> states(weights.begin(), weights.end());
    if (states != made_from_) {
      kept_ = std::make_shared<const Made>(make());
      made_from_ = std::move(states);
    }
    return std::any_cast<std::shared_ptr<const Made>>(kept_);
  }

 private:
  /// Where a tensor's values are, and how often they were changed. Keeps their memory, so that no
  /// other tensor gets it meanwhile.
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
  std::vector<State> made_from_;
  std::any kept_;
};

}  // namespace musicvae::models
