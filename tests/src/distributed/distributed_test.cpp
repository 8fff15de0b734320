#include "src/distributed/distributed.hpp"

#include "tests/catch.hpp"

using namespace musicvae;

TEST_CASE("To a single process every call is a matter of course", "[src][distributed]") {
  const Distributed alone;
  CHECK(alone.first());
  CHECK(alone.size() == 1);
  CHECK(alone.share(5).count == 5);
  CHECK(alone.sum(std::vector<double>{2, 3}) == std::vector<double>{2, 3});
  CHECK(alone.max(7) == 7);
  CHECK(alone.tell([] { return std::string("text"); }) == "text");
  alone.share_file("none", [](auto) { FAIL("there is nobody to give it"); });
  const auto tensor = torch::ones({2});
  alone.start_sum(tensor)();
  alone.broadcast({tensor});
  CHECK(torch::equal(tensor, torch::ones({2})));
}
