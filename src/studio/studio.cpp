#include "src/studio/studio.hpp"

#include <chrono>
#include <optional>
#include <thread>

#include "src/base/interrupt.hpp"
#include "src/studio/map/map_file.hpp"
#include "src/studio/server/admission.hpp"

namespace musicvae::studio {
namespace {

constexpr std::chrono::milliseconds kInterval{50};  // In which Ctrl-C is seen.

}  // namespace

void run_studio(const StudioOptions& options,
                const std::function<void(const std::string& address)>& started) {
  const InterruptGuard interrupt;
  ApiOptions api_options = options.api;
  api_options.maps = maps_folder();
  Api api(api_options);
  for (const std::string& file : options.files) api.open(file);
  std::optional<Admission> admission;  // Once the port is known, and before anybody is served.
  const auto server =
      open_http_server({[&](const HttpRequest& request) { return admission->refuse(request); },
                        [&](HttpRequest request) {
                          request.path = admission->path_behind_token(request);
                          return api.answer(request);
                        }},
                       options.port);
  admission.emplace(new_token(), server->port());
  std::thread serving([&] { server->serve(); });
  started(admission->address());
  while (!InterruptGuard::requested()) std::this_thread::sleep_for(kInterval);
  api.end();
  server->stop();
  serving.join();
}

}  // namespace musicvae::studio
