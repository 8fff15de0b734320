#include "src/distributed/gradient_sum.hpp"

#include <algorithm>

#include <torch/utils.h>

namespace musicvae {

GradientSum::GradientSum(std::vector<torch::Tensor> parameters, const Distributed& processes,
                         std::int64_t bucket_size)
    : processes_(processes) {
  std::erase_if(parameters, [](const auto& parameter) { return !parameter.requires_grad(); });
  if (processes.size() == 1 || parameters.empty()) return;
  std::reverse(parameters.begin(), parameters.end());
  for (const auto& parameter : parameters) {
    if (buckets_.empty() || buckets_.back().size >= bucket_size) buckets_.emplace_back();
    buckets_.back().size += parameter.numel();
    ++buckets_.back().missing;
    entries_.push_back({parameter, buckets_.size() - 1});
  }
  lay_out();
  for (Entry& entry : entries_) {
    entry.hook = entry.parameter.register_hook(
        [this, &entry](const torch::Tensor& gradient) { take(entry, gradient); });
  }
}

GradientSum::~GradientSum() {
  for (const Entry& entry : entries_) entry.parameter.remove_hook(entry.hook);
}

void GradientSum::lay_out() {
  std::int64_t total = 0;
  for (const Bucket& bucket : buckets_) total += bucket.size;
  const auto flat = torch::zeros({total}, entries_[0].parameter.options().requires_grad(false));
  std::int64_t first = 0;
  for (Bucket& bucket : buckets_) {
    bucket.flat = flat.narrow(0, first, bucket.size);
    first += bucket.size;
  }
  first = 0;
  for (Entry& entry : entries_) {
    const auto count = entry.parameter.numel();
    entry.sum = flat.narrow(0, first, count).view(entry.parameter.sizes());
    first += count;
  }
}

void GradientSum::take(Entry& entry, const torch::Tensor& gradient) {
  const torch::NoGradGuard no_grad;
  entry.sum.copy_(gradient);
  entry.taken = true;
  --buckets_[entry.bucket].missing;
  while (sent_ < buckets_.size() && buckets_[sent_].missing == 0) send_next();
}

void GradientSum::send_next() {
  Bucket& bucket = buckets_[sent_++];
  bucket.wait = processes_.start_sum(bucket.flat);
}

void GradientSum::finish() {
  const torch::NoGradGuard no_grad;
  for (Entry& entry : entries_) {
    if (!entry.taken) entry.sum.zero_();
  }
  while (sent_ < buckets_.size()) send_next();
  for (Bucket& bucket : buckets_) bucket.wait();
  sent_ = 0;
  for (Entry& entry : entries_) {
    entry.parameter.mutable_grad() = entry.sum;
    entry.taken = false;
    ++buckets_[entry.bucket].missing;
  }
}

}  // namespace musicvae
