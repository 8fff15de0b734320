#include "models/settings.hpp"

#include "models/config.hpp"
#include "tests/catch.hpp"

using namespace musicvae::models;
using Catch::Contains;

namespace {

/// Settings of every type.
struct Kitchen {
  bool lit = true;
  int cooks = 2;
  std::uint64_t plates = 12;
  double salt = 0.5;
  std::string dish = "soup";
  EncoderKind oven = EncoderKind::kFlat;
};

std::vector<Setting> settings(Kitchen& kitchen) {
  return {
      {"lit", &kitchen.lit, "", {.absent = false}},
      {"staff.cooks", &kitchen.cooks, "", {.least = 1, .most = 9}},
      {"plates", &kitchen.plates, ""},
      {"salt", &kitchen.salt, "", {.above = 0, .below = 1}},
      {"dish", &kitchen.dish, "", {.choices = {"soup", "stew"}}},
      {"oven", &kitchen.oven, "", {.choices = {"flat", "hierarchical"}}},
  };
}

nlohmann::json written(Kitchen kitchen = {}) { return to_json(settings(kitchen)); }

Kitchen read(const nlohmann::json& json) {
  Kitchen kitchen;
  read_settings(json, settings(kitchen));
  return kitchen;
}

/// The default settings as JSON, with one value changed.
nlohmann::json with(const char* pointer, const nlohmann::json& value) {
  auto json = written();
  json[nlohmann::json::json_pointer(pointer)] = value;
  return json;
}

}  // namespace

TEST_CASE("Settings of every type survive JSON text, nested by the dots of their keys",
          "[models][settings]") {
  const auto json =
      nlohmann::json::parse(written({false, 9, std::numeric_limits<std::uint64_t>::max(), 1e-9,
                                     "stew", EncoderKind::kHierarchical})
                                .dump());
  CHECK(json["staff"]["cooks"] == 9);
  CHECK(json["oven"] == "hierarchical");
  CHECK(written(read(json)) == json);
}

TEST_CASE("A key that came later may be absent and then has its old meaning; others are missed",
          "[models][settings]") {
  auto json = written();
  json.erase("lit");
  CHECK_FALSE(read(json).lit);
  json.erase("salt");
  CHECK_THROWS_WITH(read(json), Contains("missing key salt"));
}

TEST_CASE("An unknown key is told from other faults", "[models][settings]") {
  CHECK_THROWS_AS(read(with("/colour", 1)), UnknownSetting);
  CHECK_THROWS_WITH(read(with("/staff/waiters", 1)), Contains("unknown key staff.waiters"));
}

TEST_CASE("A value that breaks its setting's rules is refused with the rules",
          "[models][settings]") {
  CHECK_THROWS_WITH(read(with("/staff/cooks", 10)),
                    Contains("staff.cooks is 10; it must be at least 1 and at most 9"));
  CHECK_THROWS_WITH(read(with("/salt", 0)), Contains("it must be above 0 and below 1"));
  CHECK_THROWS_WITH(read(with("/salt", 1)), Contains("it must be above 0 and below 1"));
  CHECK_THROWS_WITH(read(with("/dish", "cake")), Contains("'cake'; it must be soup or stew"));
  CHECK_THROWS_WITH(read(with("/oven", "round")), Contains("flat or hierarchical"));
  Kitchen crowded{.cooks = 10};
  CHECK_THROWS_WITH(validate(settings(crowded)), Contains("staff.cooks"));
}

TEST_CASE("A value of another type is refused", "[models][settings]") {
  CHECK_THROWS_WITH(read(with("/lit", 1)), Contains("lit: expected true or false, found number"));
  CHECK_THROWS_WITH(read(with("/staff/cooks", 2.5)), Contains("expected a whole number"));
  CHECK_THROWS_WITH(read(with("/salt", "much")), Contains("expected a number"));
  CHECK_THROWS_WITH(read(with("/dish", 3)), Contains("expected a text"));
  CHECK_THROWS_WITH(read(with("/plates", -1)), Contains("out of range"));
  CHECK_THROWS_AS(read(nlohmann::json::array()), ModelError);
}
