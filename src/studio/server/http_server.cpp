#include <algorithm>
#include <cctype>
#include <httplib.h>

#include "src/base/error.hpp"
#include "src/studio/server/http_module.hpp"

namespace musicvae::studio {
namespace {

constexpr const char* kHost = "127.0.0.1";
constexpr int kBacklog = 512;  // Connections that wait to be taken; the library's own 5 are few.
constexpr int kKeepAliveSeconds = 2;
constexpr int kKeepAliveRequests = 100;

HttpRequest to_request(const httplib::Request& from, bool with_body) {
  HttpRequest request{from.method, from.path, {}, {}, {}};
  request.query.insert(from.params.begin(), from.params.end());
  for (const auto& [written, value] : from.headers) {
    std::string name = written;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    request.headers.emplace(std::move(name), value);
  }
  if (with_body) request.body = from.body;
  return request;
}

void send_stream(const HttpReply& reply, httplib::Response& response) {
  response.set_chunked_content_provider(
      reply.type, [next = reply.stream](std::size_t, httplib::DataSink& sink) {
        const auto text = next();
        if (!text) {
          sink.done();
          return true;
        }
        // An empty text asks whether somebody still listens.
        return sink.is_writable() && (text->empty() || sink.write(text->data(), text->size()));
      });
}

void send_body(const HttpReply& reply, httplib::Response& response) {
  if (!reply.body || reply.body->empty()) {
    response.set_content("", reply.type);
    return;
  }
  response.set_content_provider(
      reply.body->size(), reply.type,
      [body = reply.body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(body->data() + offset, length);
      });
}

void send(const HttpReply& reply, httplib::Response& response) {
  response.status = reply.status;
  for (const auto& [name, value] : reply.headers) response.set_header(name, value);
  reply.stream ? send_stream(reply, response) : send_body(reply, response);
}

/// httplib::Server with more room for connections that wait.
class WideServer : public httplib::Server {
 public:
  void widen() { ::listen(svr_sock_, kBacklog); }
};

class HttplibServer : public HttpServer {
 public:
  HttplibServer(HttpHandlers handlers, int port, const HttpLimits& limits)
      : handlers_(std::move(handlers)) {
    server_.set_payload_max_length(limits.body_bytes);
    server_.set_keep_alive_timeout(kKeepAliveSeconds);
    server_.set_keep_alive_max_count(kKeepAliveRequests);
    server_.set_tcp_nodelay(true);
    server_.new_task_queue = [threads = limits.threads] {
      return new httplib::ThreadPool(threads);  // httplib deletes it.
    };
    route();
    bind(port);
  }

  int port() const override { return port_; }
  void serve() override { server_.listen_after_bind(); }
  void stop() override { server_.stop(); }

 private:
  void route() {
    server_.set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
      const auto refused = handlers_.refuse(to_request(from, false));
      if (!refused) return httplib::Server::HandlerResponse::Unhandled;
      send(*refused, to);
      // What comes after is the body of a refused request.
      to.set_header("Connection", "close");
      return httplib::Server::HandlerResponse::Handled;
    });
    const auto answer = [this](const httplib::Request& from, httplib::Response& to) {
      send(handlers_.answer(to_request(from, true)), to);
    };
    server_.Get("/.*", answer);
    server_.Post("/.*", answer);
    server_.Delete("/.*", answer);
  }

  void bind(int port) {
    port_ = port == 0 ? server_.bind_to_any_port(kHost) : port;
    if (port_ <= 0 || (port != 0 && !server_.bind_to_port(kHost, port))) {
      throw Error("port " + std::to_string(port) +
                  " cannot be used (perhaps another program has it); leave out --port to take a "
                  "free one");
    }
    server_.widen();
  }

  HttpHandlers handlers_;
  WideServer server_;
  int port_ = 0;
};

std::unique_ptr<HttpServer> open_by_httplib(HttpHandlers handlers, int port,
                                            const HttpLimits& limits) {
  return std::make_unique<HttplibServer>(std::move(handlers), port, limits);
}

}  // namespace

extern "C" void* musicvae_http_module() { return reinterpret_cast<void*>(open_by_httplib); }

}  // namespace musicvae::studio
