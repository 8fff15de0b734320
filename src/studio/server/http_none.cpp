#include "src/base/error.hpp"
#include "src/studio/server/http.hpp"

namespace musicvae::studio {

std::unique_ptr<HttpServer> open_http_server(HttpHandlers, int, const HttpLimits&) {
  throw Error(
      "this program was built without the studio; install libcpp-httplib-dev (or cpp-httplib) and "
      "build it again");
}

}  // namespace musicvae::studio
