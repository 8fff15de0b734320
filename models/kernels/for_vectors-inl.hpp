// Included by files that Highway compiles once for each kind of CPU, and so more than once.
#if defined(MUSICVAE_MODELS_FOR_VECTORS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef MUSICVAE_MODELS_FOR_VECTORS_INL
#undef MUSICVAE_MODELS_FOR_VECTORS_INL
#else
#define MUSICVAE_MODELS_FOR_VECTORS_INL
#endif

#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace musicvae::models::HWY_NAMESPACE {

/// Calls body(tag, index) over `count` floats: whole vectors, then single floats.
template <class Body>
HWY_INLINE void for_vectors(std::int64_t count, const Body& body) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<float> full;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(full));
  std::int64_t j = 0;
  for (; j + lanes <= count; j += lanes) body(full, j);
  const hn::CappedTag<float, 1> single;
  for (; j < count; ++j) body(single, j);
}

}  // namespace musicvae::models::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
