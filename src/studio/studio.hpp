#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/studio/api.hpp"

namespace musicvae::studio {

struct StudioOptions {
  ApiOptions api;
  int port = 0;  ///< 0 takes a free one.
  std::vector<std::string> files;
};

/// Serves the studio until Ctrl-C. `started` gets the address of its page.
void run_studio(const StudioOptions& options,
                const std::function<void(const std::string& address)>& started);

}  // namespace musicvae::studio
