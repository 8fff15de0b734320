#include "models/runtime/buffer_cache.hpp"

#include <optional>
#include <vector>

#include <torch/types.h>

#include "tests/catch.hpp"

namespace musicvae::models {
namespace {

constexpr std::int64_t kLarge = 1 << 20;

TEST_CASE("A large tensor takes the memory that an earlier one of its size left",
          "[models][buffers]") {
  const BufferCache cache;
  auto first = torch::ones({kLarge});
  const void* memory = first.data_ptr();
  const auto other = torch::zeros({kLarge});
  CHECK(other.data_ptr() != memory);
  first.reset();
  CHECK(torch::empty({kLarge}).data_ptr() == memory);
  CHECK(other.sum().item<float>() == 0);
}

TEST_CASE("Tensors side by side leave room for one as large as both", "[models][buffers]") {
  const BufferCache cache;
  auto first = torch::ones({kLarge});
  auto second = torch::ones({kLarge});
  auto third = torch::ones({kLarge});
  const void* memory = first.data_ptr();
  for (auto* tensor : {&first, &third, &second}) tensor->reset();
  CHECK(torch::empty({3 * kLarge}).data_ptr() == memory);
}

TEST_CASE("Tensors outlive the cache that they were made under", "[models][buffers]") {
  std::optional<BufferCache> cache(std::in_place);
  const auto kept = torch::full({kLarge}, 3.0F);
  { const BufferCache nested; }
  torch::ones({kLarge});  // leaves its block free
  cache.reset();
  const auto after = torch::full({kLarge}, 5.0F);
  CHECK(kept.eq(3.0F).all().item<bool>());
  CHECK(after.eq(5.0F).all().item<bool>());
}

TEST_CASE("Tensors of many sizes never share memory", "[models][buffers]") {
  const BufferCache cache;
  std::vector<torch::Tensor> held(8);
  for (int i = 0; i < 400; ++i) {
    const auto slot = static_cast<std::size_t>((i * 7) % 8);
    held[slot] = torch::full({20'000 + (i * 7919) % 900'000}, static_cast<float>(slot));
    for (std::size_t s = 0; s < held.size(); ++s) {
      if (!held[s].defined()) continue;
      REQUIRE(held[s][0].item<float>() == static_cast<float>(s));
      REQUIRE(held[s][-1].item<float>() == static_cast<float>(s));
    }
  }
}

}  // namespace
}  // namespace musicvae::models
