#include "src/studio/server/admission.hpp"

#include <set>
#include <string>

#include "tests/catch.hpp"

using namespace musicvae::studio;

namespace {

const std::string kToken(32, 'a');

HttpRequest request(const std::string& path, std::multimap<std::string, std::string> headers = {
                                                 {"host", "127.0.0.1:4000"}}) {
  return {"GET", path, {}, std::move(headers), {}};
}

int status(const HttpRequest& asked) {
  const auto refused = Admission(kToken, 4000).refuse(asked);
  return refused ? refused->status : 200;
}

}  // namespace

TEST_CASE("The studio takes its own page's requests at both names of this machine", "[studio]") {
  CHECK(status(request("/" + kToken + "/")) == 200);
  CHECK(status(request("/" + kToken)) == 200);
  CHECK(status(request("/" + kToken + "/x", {{"host", "localhost:4000"}})) == 200);
  CHECK(status(request("/" + kToken + "/x", {{"host", "127.0.0.1:4000"},
                                             {"origin", "http://127.0.0.1:4000"},
                                             {"sec-fetch-site", "same-origin"}})) == 200);
}

TEST_CASE("The studio refuses a token that is missing, short, long or wrong", "[studio]") {
  for (const std::string& path :
       {std::string("/"), std::string(), "/" + std::string(31, 'a') + "/",
        "/" + std::string(33, 'a') + "/", "/" + std::string(32, 'b') + "/", "/" + kToken + "x",
        "//" + kToken + "/", kToken + "/", "/x/" + kToken + "/"}) {
    INFO(path);
    CHECK(status(request(path)) == 403);
  }
}

TEST_CASE("The studio refuses other hosts, as a rebound name would be", "[studio]") {
  for (const char* host : {"evil.example:4000", "127.0.0.1", "127.0.0.1:4001", "127.0.0.1:40000",
                           "localhost.evil.example:4000", "[::1]:4000", ""}) {
    INFO(host);
    CHECK(status(request("/" + kToken + "/", {{"host", host}})) == 403);
  }
  CHECK(status(request("/" + kToken + "/", {})) == 403);
  CHECK(status(request("/" + kToken + "/",
                       {{"host", "127.0.0.1:4000"}, {"host", "evil.example"}})) == 403);
}

TEST_CASE("The studio refuses what another site's page asks for", "[studio]") {
  const auto from = [](const char* name, const char* value) {
    return status(request("/" + kToken + "/", {{"host", "127.0.0.1:4000"}, {name, value}}));
  };
  CHECK(from("origin", "http://evil.example") == 403);
  CHECK(from("origin", "null") == 403);
  CHECK(from("origin", "https://127.0.0.1:4000") == 403);
  CHECK(from("origin", "http://127.0.0.1:4001") == 403);
  CHECK(from("sec-fetch-site", "cross-site") == 403);
  CHECK(from("sec-fetch-site", "same-site") == 403);
}

TEST_CASE("Each studio has a token of its own", "[studio]") {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(new_token());
  CHECK(tokens.size() == 100);
  for (const std::string& token : tokens) CHECK(token.size() == 32);
}
