#include "src/studio/server/http.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "src/base/random.hpp"
#include "tests/catch.hpp"

using namespace musicvae::studio;
using Catch::Contains;

namespace {

HttpReply text(const std::string& body) {
  return {200, "text/plain", std::make_shared<const std::string>(body)};
}

/// A server that gives back what it is sent, and refuses paths with "secret" in them.
class Server {
 public:
  explicit Server(const HttpLimits& limits = {})
      : server_(open_http_server(
            {[](const HttpRequest& request) -> std::optional<HttpReply> {
               if (request.path.find("secret") == request.path.npos) return {};
               return HttpReply{403, "text/plain", std::make_shared<const std::string>("no")};
             },
             [this](const HttpRequest& request) { return answer(request); }},
            0, limits)),
        thread_([this] { server_->serve(); }) {}
  ~Server() {
    ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");  // Once it answers, it can be stopped.
    server_->stop();
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Sends bytes as they are, and gives all that comes back. Whoever `leaves` sends no more, and
  /// lets the server know.
  std::string ask(const std::string& bytes, bool leaves = false) const {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(static_cast<std::uint16_t>(server_->port()));
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (connect(connection, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0) {
      for (std::size_t sent = 0; sent < bytes.size();) {
        const auto count = send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
      }
      if (leaves) shutdown(connection, SHUT_WR);
      char buffer[4096];
      for (ssize_t count = 0; (count = recv(connection, buffer, sizeof buffer, 0)) > 0;) {
        answer.append(buffer, static_cast<std::size_t>(count));
      }
    }
    close(connection);
    return answer;
  }
  std::string get(const std::string& path) const {
    return ask("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  std::atomic<int> answered = 0;

 private:
  HttpReply answer(const HttpRequest& request) {
    ++answered;
    if (request.path == "/throw") throw std::runtime_error("thrown");
    if (request.path != "/stream")
      return text(request.method + " " + request.path + " " + request.body);
    return {200, "text/event-stream", nullptr, [left = 3]() mutable -> std::optional<std::string> {
              if (left-- == 0) return {};
              return "part " + std::to_string(left) + "\n";
            }};
  }

  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("A server gives requests to its handler, and answers as that says", "[http]") {
  const Server server;
  CHECK_THAT(server.get("/a%20b?c=d"), Contains("200") && Contains("GET /a b "));
  CHECK_THAT(server.ask("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: "
                        "close\r\n\r\nhello"),
             Contains("POST /x hello"));
  CHECK_THAT(server.get("/stream"), Contains("part 2\n") && Contains("part 0\n"));
  CHECK_THAT(server.get("/throw"), Contains("500"));
}

TEST_CASE("A refused request is answered before its body comes, and ends the connection",
          "[http]") {
  const Server server;
  const std::string both =
      "POST /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n"
      "GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n           ";
  CHECK_THAT(server.ask(both), Contains("403") && Contains("Connection: close"));
}

TEST_CASE("A body beyond the limit is refused", "[http]") {
  const Server server({1000, 4});
  const auto post = [&](std::size_t size) {
    return server.ask("POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                      std::to_string(size) + "\r\n\r\n" + std::string(size, 'x'));
  };
  CHECK_THAT(post(1000), Contains("200"));
  CHECK_THAT(post(1001), Contains("413"));
  CHECK_THAT(
      server.ask("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n", true),
      !Contains("200"));
}

TEST_CASE("A thousand requests at once are all answered", "[http]") {
  const Server server;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 10; ++j) {
        const std::string path = "/" + std::to_string(i) + "/" + std::to_string(j);
        good += server.get(path).find("GET " + path + " ") != std::string::npos;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 1000);
}

TEST_CASE("Bytes that are no request do not end the server", "[http]") {
  const Server server;
  musicvae::SplitMix64 random(3);
  const std::string request = "POST /x?y=%41 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
  for (int i = 0; i < 300; ++i) {
    std::string bytes = request;
    const int changes = 1 + random.below(6);
    for (int j = 0; j < changes; ++j) {
      const auto at = std::size_t(random.below(int(bytes.size())));
      if (random.below(3) == 0) {
        bytes.erase(at, std::size_t(random.below(8)));
      } else {
        bytes[at] = static_cast<char>(random.below(256));
      }
      if (bytes.empty()) break;
    }
    server.ask(bytes, /*leaves=*/true);
  }
  CHECK_THAT(server.ask(std::string(100'000, 'A'), true), !Contains("200"));
  CHECK_THAT(server.get("/" + std::string(20'000, 'a')), !Contains("200"));
  CHECK_THAT(server.get("/still"), Contains("GET /still"));
}
