#include "src/studio/server/admission.hpp"

#include <random>

#include <nlohmann/json.hpp>

namespace musicvae::studio {
namespace {

constexpr std::size_t kTokenLetters = 32;

/// Takes the same time wherever the texts differ.
bool are_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

std::string new_token() {
  constexpr std::string_view kLetters = "0123456789abcdef";
  std::random_device device;
  std::string token;
  while (token.size() < kTokenLetters) {
    for (auto [bits, i] = std::pair(device(), 0); i < 8; ++i, bits >>= 4) {
      token += kLetters[bits & 15];
    }
  }
  return token;
}

HttpReply error_reply(int status, const std::string& message) {
  const nlohmann::json json = {{"error", message}};
  const auto replace = nlohmann::json::error_handler_t::replace;
  return {status, "application/json",
          std::make_shared<std::string>(json.dump(-1, ' ', false, replace))};
}

Admission::Admission(std::string token, int port) : token_(std::move(token)), port_(port) {}

std::string Admission::address() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/" + token_ + "/";
}

bool Admission::is_own_host(const std::string& host) const {
  const std::string port = ":" + std::to_string(port_);
  return host == "127.0.0.1" + port || host == "localhost" + port;
}

bool Admission::has_token(const std::string& path) const {
  return path.starts_with('/') && are_equal(path.substr(1, token_.size()), token_) &&
         (path.size() == 1 + token_.size() || path[1 + token_.size()] == '/');
}

std::optional<HttpReply> Admission::refuse(const HttpRequest& request) const {
  const auto refused = [](const std::string& message) { return error_reply(403, message); };
  if (!is_own_host(request.header("host").value_or(""))) {
    return refused("the studio answers at 127.0.0.1 and localhost only");
  }
  if (request.headers.contains("origin")) {
    const std::string origin = request.header("origin").value_or("");
    constexpr std::string_view kScheme = "http://";
    if (!origin.starts_with(kScheme) || !is_own_host(origin.substr(kScheme.size()))) {
      return refused("the studio answers its own page only");
    }
  }
  // A link in another page may lead here, but no other page may have anything from here.
  const std::string site = request.header("sec-fetch-site").value_or("none");
  const bool is_navigation = request.header("sec-fetch-mode").value_or("") == "navigate";
  if (site != "none" && site != "same-origin" && !is_navigation) {
    return refused("the studio answers its own page only");
  }
  if (!has_token(request.path)) {
    return refused(
        "this address lacks the studio's token; open the address that `musicvae studio` printed");
  }
  if (request.headers.contains("range")) {
    return error_reply(416, "the studio gives whole answers; leave out Range");
  }
  return {};
}

std::string Admission::path_behind_token(const HttpRequest& request) const {
  const std::string path = request.path.substr(1 + token_.size());
  return path.empty() ? "/" : path;
}

}  // namespace musicvae::studio
