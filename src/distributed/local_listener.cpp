#include "src/distributed/local_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace musicvae {
namespace {

/// Whether `descriptor` is a TCP socket that listens at `port`.
bool listens_at(int descriptor, int port) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
    return false;
  sockaddr_storage address{};
  size = sizeof address;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  if (address.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port) == port;
  return address.ss_family == AF_INET6 &&
         ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port) == port;
}

/// What a machine sends to itself goes through the loopback device, whatever the address.
bool bind_to_loopback([[maybe_unused]] int descriptor) {
#ifdef SO_BINDTODEVICE
  static constexpr char kLoopback[] = "lo";
  return setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, kLoopback, sizeof kLoopback) == 0;
#else
  return false;
#endif
}

}  // namespace

bool keep_to_this_machine(int port) {
  constexpr int kMost = 65'536;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int end = limit.rlim_cur < kMost ? static_cast<int>(limit.rlim_cur) : kMost;
  bool kept = false;
  for (int descriptor = 0; descriptor < end; ++descriptor) {
    if (!listens_at(descriptor, port)) continue;
    if (!bind_to_loopback(descriptor)) return false;
    kept = true;
  }
  return kept;
}

}  // namespace musicvae
