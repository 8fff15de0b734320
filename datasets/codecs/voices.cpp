#include "datasets/codecs/voices.hpp"

namespace musicvae::datasets {

bool is_one_voice(const Codec& codec) {
  const GridNote low{Steps(0), Steps(1), 60};
  const GridNote high{Steps(0), Steps(1), 64};
  const Steps quarter(codec.grid().steps_per_quarter);
  Dropped dropped;
  codec.encode({codec.grid(), {{{1, 4}, quarter, {low, high}}}}, &dropped);
  return !dropped.empty();
}

}  // namespace musicvae::datasets
