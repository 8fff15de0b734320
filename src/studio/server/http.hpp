#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A small HTTP server for pages on this machine. In a program built without cpp-httplib
/// open_http_server() throws Error, saying how to get it.
namespace musicvae::studio {

struct HttpRequest {
  std::string method;                        ///< "GET", "POST" or "DELETE".
  std::string path;                          ///< Decoded, from its first slash, without the query.
  std::map<std::string, std::string> query;  ///< Decoded; of several with one name any.
  std::multimap<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;                                 ///< Empty where the request is only looked at.

  /// The one value of a header, and nothing where there is none or several.
  std::optional<std::string> header(const std::string& name) const {
    const auto [first, end] = headers.equal_range(name);
    if (first == end || std::next(first) != end) return {};
    return first->second;
  }
};

/// Waits for more of an answer and gives it; an empty text where nothing has come for a while.
/// Nothing at the end.
using NextText = std::function<std::optional<std::string>()>;

struct HttpReply {
  int status = 200;
  std::string type = "application/json";
  std::shared_ptr<const std::string> body;
  NextText stream = nullptr;  ///< Instead of a body.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct HttpHandlers {
  /// Sees a request before its body is read, and answers where it is to be refused.
  std::function<std::optional<HttpReply>(const HttpRequest&)> refuse;
  /// Answers a request. Called by many threads at once; what it throws becomes a status of 500.
  std::function<HttpReply(HttpRequest)> answer;
};

struct HttpLimits {
  std::size_t body_bytes = std::size_t{16} << 20;  ///< Larger bodies are refused (413).
  std::size_t threads = 64;                        ///< Requests and streams at once; others wait.
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;

  virtual int port() const = 0;
  /// Serves until stop() is called, and then until what is being answered is answered.
  virtual void serve() = 0;
  /// May be called by any thread, once serve() has been.
  virtual void stop() = 0;
};

/// A server on 127.0.0.1, on a free port where `port` is 0. Throws Error where the port is taken.
std::unique_ptr<HttpServer> open_http_server(HttpHandlers handlers, int port,
                                             const HttpLimits& limits = {});

}  // namespace musicvae::studio
