#pragma once

#include <optional>
#include <string>

#include "src/studio/server/http.hpp"

/// Who may ask the studio. Every page that a browser shows can send requests to 127.0.0.1, and a
/// name that an attacker owns can come to mean 127.0.0.1 (DNS rebinding).
namespace musicvae::studio {

/// 128 random bits as 32 letters, unlike any before.
std::string new_token();

class Admission {
 public:
  Admission(std::string token, int port);

  /// The address of the page, with the token as its first folder.
  std::string address() const;
  /// An answer where `request` has the wrong host, comes from another site's page, or lacks the
  /// token.
  std::optional<HttpReply> refuse(const HttpRequest& request) const;
  /// The path behind the token, "/" at least, of a request that was not refused.
  std::string path_behind_token(const HttpRequest& request) const;

 private:
  bool is_own_host(const std::string& host) const;
  bool has_token(const std::string& path) const;

  std::string token_;
  int port_;
};

/// A refusal or failure in words.
HttpReply error_reply(int status, const std::string& message);

}  // namespace musicvae::studio
