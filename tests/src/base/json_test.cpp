#include "src/base/json.hpp"

#include "src/base/error.hpp"
#include "tests/catch.hpp"

namespace musicvae {
namespace {

std::string nested(int levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST_CASE("Broken JSON is refused with the name of its source", "[src][json]") {
  CHECK(parse_json(R"({"a": [1]})", "a.json")["a"][0] == 1);
  CHECK_THROWS_WITH(parse_json("{\"a\": ", "a.json"), Catch::Contains("a.json: "));
}

TEST_CASE("JSON nested so deep that it cannot be printed is refused", "[src][json]") {
  CHECK_NOTHROW(parse_json(nested(20), "a.json"));
  CHECK_THROWS_WITH(parse_json(nested(1'000'000), "a.json"), Catch::Contains("a.json: "));
}

}  // namespace
}  // namespace musicvae
