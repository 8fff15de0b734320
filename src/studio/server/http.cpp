#include "src/studio/server/http.hpp"

#include "src/base/module_file.hpp"
#include "src/studio/server/http_module.hpp"

namespace musicvae::studio {

std::unique_ptr<HttpServer> open_http_server(HttpHandlers handlers, int port,
                                             const HttpLimits& limits) {
  static auto* const open =
      reinterpret_cast<OpenHttpServer*>(reinterpret_cast<decltype(&musicvae_http_module)>(
          load_function(MUSICVAE_HTTP_FILE, "musicvae_http_module"))());
  return open(std::move(handlers), port, limits);
}

}  // namespace musicvae::studio
