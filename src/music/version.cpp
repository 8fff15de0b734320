#include "src/music/version.hpp"

namespace musicvae {

const char* version() { return MUSICVAE_VERSION; }

}  // namespace musicvae
