#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "src/studio/api.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

namespace musicvae::test {

/// The program's answers, without a server.
class Client {
 public:
  explicit Client(const studio::ApiOptions& options = {}) : api_(options) {}

  studio::HttpReply ask(const std::string& method, const std::string& path,
                        const std::string& body = {},
                        std::map<std::string, std::string> query = {}) {
    return api_.answer({method, path, std::move(query), {}, body});
  }
  nlohmann::json json(const std::string& method, const std::string& path,
                      const std::string& body = {}, std::map<std::string, std::string> query = {}) {
    const auto reply = ask(method, path, body, std::move(query));
    INFO(*reply.body);
    CHECK(reply.status == 200);
    return nlohmann::json::parse(*reply.body);
  }
  nlohmann::json open(const std::string& file) {
    return json("POST", "/api/v1/pieces", read_text(file), {{"name", file}}).at("pieces").at(0);
  }
  /// All that a job tells, to its end.
  std::string events(const nlohmann::json& started) {
    const std::string job = started.at("job");
    const auto reply = ask("GET", "/api/v1/jobs/" + job + "/events");
    std::string text;
    while (const auto more = reply.stream()) text += *more;
    return text;
  }

  /// The data of the first event of that name.
  nlohmann::json event(const nlohmann::json& started, const std::string& name) {
    const std::string told = events(started), before = "event: " + name + "\ndata: ";
    INFO(told.substr(0, 2000));
    const auto at = told.find(before);
    REQUIRE(at != told.npos);
    const auto begin = at + before.size();
    return nlohmann::json::parse(told.substr(begin, told.find('\n', begin) - begin));
  }
  studio::Api& api() { return api_; }

 private:
  studio::Api api_;
};

}  // namespace musicvae::test
