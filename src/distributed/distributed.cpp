#include "src/distributed/distributed.hpp"

#include <algorithm>
#include <fstream>

namespace musicvae {
namespace {

constexpr std::int64_t kChunkBytes = 16 << 20;

torch::Tensor flattened(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> flat;
  for (const auto& tensor : tensors) flat.push_back(tensor.detach().reshape(-1));
  return torch::cat(flat);
}

void copy_back(const torch::Tensor& flat, const std::vector<torch::Tensor>& tensors) {
  std::int64_t first = 0;
  for (const auto& tensor : tensors) {
    tensor.detach().copy_(flat.narrow(0, first, tensor.numel()).view(tensor.sizes()));
    first += tensor.numel();
  }
}

/// A tensor for the next bytes of a file, at most kChunkBytes.
torch::Tensor make_chunk(std::int64_t left) {
  return torch::empty({std::min(kChunkBytes, left)}, torch::kByte);
}

std::span<std::byte> bytes_of(const torch::Tensor& chunk) {
  return {reinterpret_cast<std::byte*>(chunk.data_ptr<std::uint8_t>()), std::size_t(chunk.numel())};
}

}  // namespace

Distributed::Distributed(const ProcessPlace& place, const torch::Device& device)
    : rank_(place.rank), size_(place.size) {
  if (size_ > 1) group_ = join_processes(place, device);
}

std::function<void()> Distributed::start_sum(const torch::Tensor& tensor) const {
  if (!group_) return [] {};
  return group_->start_sum(tensor);
}

std::vector<double> Distributed::sum(const std::vector<double>& values) const {
  if (!group_) return values;
  const auto tensor = torch::tensor(values, torch::kDouble);
  group_->start_sum(tensor)();
  return {tensor.data_ptr<double>(), tensor.data_ptr<double>() + tensor.numel()};
}

std::int64_t Distributed::max(std::int64_t value) const {
  std::vector<double> values(static_cast<std::size_t>(size_));
  values[static_cast<std::size_t>(rank_)] = static_cast<double>(value);
  const auto all = sum(values);
  return static_cast<std::int64_t>(*std::max_element(all.begin(), all.end()));
}

void Distributed::broadcast(const std::vector<torch::Tensor>& tensors) const {
  if (!group_) return;
  const auto flat = flattened(tensors);
  group_->broadcast(flat);
  copy_back(flat, tensors);
}

std::string Distributed::tell(const std::function<std::string()>& make) const {
  if (!first()) return group_->listen();
  const auto text = make();
  if (group_) group_->tell(text);
  return text;
}

void Distributed::share_file(const std::filesystem::path& original,
                             const std::function<void(std::span<const std::byte>)>& take) const {
  if (!group_) return;
  const auto bytes =
      std::stoll(tell([&] { return std::to_string(std::filesystem::file_size(original)); }));
  std::ifstream file;
  if (first()) file.open(original, std::ios::binary);
  for (std::int64_t done = 0; done < bytes; done += kChunkBytes) {
    const auto chunk = make_chunk(bytes - done);
    const auto data = bytes_of(chunk);
    if (first() && !file.read(reinterpret_cast<char*>(data.data()), std::ssize(data)))
      throw Error("cannot read " + original.string());
    group_->broadcast(chunk);
    if (!first()) take(data);
  }
}

}  // namespace musicvae
