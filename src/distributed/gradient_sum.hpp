#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <torch/types.h>

#include "src/distributed/distributed.hpp"

namespace musicvae {

/// Sums gradients over all processes while backward() still works on others. Parameters share
/// buckets, the last parameters first, as backward() goes. The sum of a bucket begins once its
/// gradients are there and all buckets before have begun, so that the order is the same on every
/// process.
class GradientSum {
 public:
  /// `parameters` are of one type and device.
  GradientSum(std::vector<torch::Tensor> parameters, const Distributed& processes,
              std::int64_t bucket_size = 1 << 20);
  ~GradientSum();
  GradientSum(const GradientSum&) = delete;
  GradientSum& operator=(const GradientSum&) = delete;

  /// Call it after each backward(), which must have begun without gradients. Gives every parameter
  /// its sum, zeros where no process had a gradient. Throws LostProcess.
  void finish();

 private:
  struct Entry {
    torch::Tensor parameter;
    std::size_t bucket = 0;
    torch::Tensor sum = {};  ///< A part of its bucket, in the parameter's shape.
    unsigned hook = 0;
    bool taken = false;
  };
  struct Bucket {
    std::int64_t size = 0;
    std::size_t missing = 0;
    torch::Tensor flat = {};
    std::function<void()> wait = {};
  };

  void lay_out();
  void take(Entry& entry, const torch::Tensor& gradient);
  void send_next();

  const Distributed& processes_;
  std::vector<Entry> entries_;
  std::vector<Bucket> buckets_;
  std::size_t sent_ = 0;
};

}  // namespace musicvae
