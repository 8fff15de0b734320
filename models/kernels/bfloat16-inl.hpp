// Included by files that Highway compiles once for each kind of CPU, and so more than once.
#if defined(MUSICVAE_MODELS_BFLOAT16_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef MUSICVAE_MODELS_BFLOAT16_INL
#undef MUSICVAE_MODELS_BFLOAT16_INL
#else
#define MUSICVAE_MODELS_BFLOAT16_INL
#endif

#include <hwy/highway.h>

#include "models/kernels/bfloat16.hpp"

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {

/// Rounds as to_bfloat16() does; Highway's own conversion truncates.
template <class D>
HWY_INLINE void store_rounded(hwy::HWY_NAMESPACE::Vec<D> values, D, BFloat16* to) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToUnsigned<D> d;
  const hn::Rebind<BFloat16, D> half;
  const auto bits = hn::BitCast(d, values);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(d, 0x7fff)));
  hn::StoreU(hn::TruncateTo(half, hn::ShiftRight<16>(rounded)), half, to);
}

}  // namespace musicvae::models::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
