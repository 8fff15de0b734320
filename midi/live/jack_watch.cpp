#include "midi/live/jack_watch.hpp"

#include <mutex>
#include <string_view>
#include <thread>
#ifdef MUSICVAE_JACK
#include <jack/jack.h>
#endif

namespace musicvae::midi {
namespace {

/// How often libjack has freed this process's clients.
std::atomic<int> times_freed{0};

/// Takes what libjack would print, its only sign that it frees clients.
[[maybe_unused]] void take_error(const char* text) {
  if (std::string_view(text).find("clients are still allocated") != std::string_view::npos)
    ++times_freed;
}

}  // namespace

JackEra::JackEra() : freed_(times_freed) {}

bool JackEra::over() const { return freed_ != times_freed; }

#ifdef MUSICVAE_JACK
JackWatch::JackWatch() {
  jack_set_error_function(take_error);
  jack_set_info_function([](const char*) {});
  jack_status_t status{};
  for (int attempt = 0; attempt < kJackAttempts; ++attempt) {
    client_ = jack_client_open(kJackWatchName, JackNoStartServer, &status);
    if (client_ != nullptr || (status & JackServerError) == 0) break;
    std::this_thread::sleep_for(kJackCycles);
  }
  if (client_ == nullptr) return;
  const auto note_end = [](void* ended) { static_cast<std::atomic<bool>*>(ended)->store(true); };
  jack_on_shutdown(client_, note_end, &ended_);
  jack_activate(client_);
}

JackWatch::~JackWatch() {
  if (client_ == nullptr || era_.over()) return;
  catch_up();
  jack_client_close(client_);
}

bool JackWatch::has_server() const { return client_ != nullptr && !ended_ && !era_.over(); }

// Recomputing latencies is the only call for which the server waits until all clients have
// answered.
void JackWatch::catch_up() {
  if (has_server()) jack_recompute_total_latencies(client_);
}

void JackWatch::settle() {
  if (!has_server()) return;
  // Both wait for the cycle that takes up what was changed before.
  jack_deactivate(client_);
  jack_activate(client_);
  catch_up();
}
#else
JackWatch::JackWatch() = default;
JackWatch::~JackWatch() = default;
bool JackWatch::has_server() const { return true; }
void JackWatch::catch_up() {}
void JackWatch::settle() {}
#endif

std::shared_ptr<JackWatch> shared_jack_watch() {
  static std::mutex mutex;
  static std::weak_ptr<JackWatch> last;
  const std::lock_guard lock(mutex);
  auto watch = last.lock();
  if (!watch || !watch->has_server()) last = watch = std::make_shared<JackWatch>();
  return watch;
}

}  // namespace musicvae::midi
