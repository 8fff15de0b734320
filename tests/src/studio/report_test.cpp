#include "src/studio/report.hpp"

#include <string>

#include "src/base/file.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using Catch::Contains;

TEST_CASE("A report holds all that it needs, and nothing in it ends its elements", "[studio]") {
  studio::Pieces pieces;
  const auto added = pieces.add_file("a</script><b>.mid",
                                     read_file("datasets/bundled/folia.mid", std::size_t{1} << 20));
  const std::string page = studio::report_page("%PIECES% </script><script>alert(1)", added);
  CHECK_THAT(page, Contains("--ground:") && Contains("\"roll.js\":\"data:text/javascript;base64,"));
  CHECK_THAT(page, !Contains("</script><b>") && !Contains("</script><script>alert"));
  CHECK_THAT(page, !Contains("src=\"http") && !Contains("href=\"http"));
  CHECK_THAT(page, !Contains("%IMPORTS%") && !Contains("/*STYLE*/"));
}
