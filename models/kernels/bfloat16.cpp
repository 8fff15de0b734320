#include "models/kernels/bfloat16.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/kernels/bfloat16.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each kind of CPU
#include <hwy/highway.h>

#include "models/kernels/bfloat16-inl.hpp"
#include "models/kernels/for_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void round_all(const float* from, std::int64_t count, BFloat16* to) {
  for_vectors(count, [=](auto d, std::int64_t i)
                         HWY_ATTR { store_rounded(hn::LoadU(d, from + i), d, to + i); });
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
