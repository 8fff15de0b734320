#include "models/bfloat16.hpp"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/bfloat16.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each kind of CPU
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Highway's own conversion cuts off.
void round_all(const float* from, std::int64_t count, BFloat16* to) {
  const hn::ScalableTag<std::uint32_t> d;
  const hn::Rebind<float, decltype(d)> floats;
  const hn::Rebind<BFloat16, decltype(d)> half;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto bits = hn::BitCast(d, hn::LoadU(floats, from + i));
    const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1));
    const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(d, 0x7fff)));
    hn::StoreU(hn::TruncateTo(half, hn::ShiftRight<16>(rounded)), half, to + i);
  }
  for (; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(from[i]);
    to[i] = static_cast<BFloat16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
}

}  // namespace
}  // namespace musicvae::models::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace musicvae::models {

HWY_EXPORT(round_all);

void round_to_bfloat16(const float* from, std::int64_t count, BFloat16* to) {
  HWY_DYNAMIC_DISPATCH(round_all)(from, count, to);
}

}  // namespace musicvae::models
#endif
