#include "src/gradient_sum.hpp"

#include <algorithm>

#include <torch/utils.h>

namespace musicvae {

GradientSum::GradientSum(std::vector<torch::Tensor> parameters, const Distributed& processes,
                         std::int64_t bucket_size)
    : processes_(processes) {
  if (processes.size() == 1) return;
  std::reverse(parameters.begin(), parameters.end());
  std::int64_t room = 0;
  for (const auto& parameter : parameters) {
    if (room <= 0) {
      buckets_.emplace_back();
      room = bucket_size;
    }
    room -= parameter.numel();
    const std::size_t entry = entries_.size();
    const auto hook = [this, entry](const torch::Tensor& gradient) { take(entry, gradient); };
    entries_.push_back({parameter, {}, parameter.register_hook(hook), buckets_.size() - 1});
    buckets_.back().entries.push_back(entry);
    ++buckets_.back().missing;
  }
}

GradientSum::~GradientSum() {
  for (const Entry& entry : entries_) entry.parameter.remove_hook(entry.hook);
}

void GradientSum::take(std::size_t entry, const torch::Tensor& gradient) {
  entries_[entry].gradient = gradient;
  --buckets_[entries_[entry].bucket].missing;
  while (sent_ < buckets_.size() && buckets_[sent_].missing == 0) send_next();
}

void GradientSum::send_next() {
  const torch::NoGradGuard no_grad;
  Bucket& bucket = buckets_[sent_++];
  std::vector<torch::Tensor> flat;
  for (const std::size_t i : bucket.entries) {
    const auto& gradient = entries_[i].gradient;
    flat.push_back((gradient.defined() ? gradient : torch::zeros_like(entries_[i].parameter))
                       .detach()
                       .reshape(-1));
  }
  bucket.flat = torch::cat(flat);
  bucket.wait = processes_.start_sum(bucket.flat);
}

void GradientSum::finish() {
  while (sent_ < buckets_.size()) send_next();
  for (Bucket& bucket : buckets_) {
    bucket.wait();
    receive(bucket);
    bucket.missing = bucket.entries.size();
  }
  sent_ = 0;
}

void GradientSum::receive(const Bucket& bucket) {
  std::int64_t first = 0;
  for (const std::size_t i : bucket.entries) {
    auto& parameter = entries_[i].parameter;
    parameter.mutable_grad() =
        bucket.flat.narrow(0, first, parameter.numel()).view(parameter.sizes());
    entries_[i].gradient.reset();
    first += parameter.numel();
  }
}

}  // namespace musicvae
