#pragma once

#include "src/studio/server/http.hpp"

/// What uses cpp-httplib, and is loaded when first asked for: with it comes OpenSSL.
namespace musicvae::studio {

/// The module's one door: open_http_server().
extern "C" void* musicvae_http_module();
using OpenHttpServer = decltype(open_http_server);

}  // namespace musicvae::studio
