#include "src/distributed/local_listener.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/catch.hpp"

using namespace musicvae;

namespace {

/// Listens on all interfaces at a port that the system chooses.
class Listener {
 public:
  Listener() {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_any;
    bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    listen(socket_, 1);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(socket_); }

  int port() const {
    sockaddr_in6 address{};
    socklen_t size = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin6_port);
  }
  std::string device() const {
    char name[16] = {};
#ifdef SO_BINDTODEVICE
    socklen_t size = sizeof name;
    getsockopt(socket_, SOL_SOCKET, SO_BINDTODEVICE, name, &size);
#endif
    return name;
  }
  bool answers() const {
    const int other = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool met =
        connect(other, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(other);
    return met;
  }

 private:
  int socket_ = socket(AF_INET6, SOCK_STREAM, 0);
};

}  // namespace

TEST_CASE("A port that is kept to this machine is bound to its loopback device, and no other port",
          "[src][distributed]") {
  const Listener kept, other;
  if (kept.port() == 0) {
    WARN("this machine has no IPv6");
    return;
  }
  if (!keep_to_this_machine(kept.port())) {
    WARN("this system cannot bind a listener to a device");
    return;
  }
  CHECK(kept.device() == "lo");
  CHECK(kept.answers());
  CHECK(other.device().empty());
}

TEST_CASE("Where nothing listens, nothing is kept to this machine", "[src][distributed]") {
  int port = 0;
  {
    const Listener gone;
    port = gone.port();
  }
  CHECK_FALSE(keep_to_this_machine(port));
}
