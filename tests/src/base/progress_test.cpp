#include "src/base/progress.hpp"

#include "src/base/text.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using Catch::Contains;

TEST_CASE("A line of progress is shorter than the terminal is wide", "[progress]") {
  const std::string status = "step 1234  loss 12.34  accuracy 0.123  KL 12.3 bits  12.3 passages/s";
  for (std::size_t columns = 0; columns <= 130; ++columns) {
    const auto line = progress_line(0.5, status, "1:02:03 left", columns);
    INFO(columns << ": " << line);
    CHECK(line.size() <= std::max<std::size_t>(columns, 1) - 1);
  }
}

TEST_CASE("A narrow terminal still shows how far the work is, and the time left", "[progress]") {
  CHECK(progress_line(0.5, "12 of 24", "0:07 left", 80) ==
        "[##########          ]  50 %  12 of 24  0:07 left");
  CHECK(progress_line(0.5, "12 of 24", "0:07 left", 40) == " 50 %  12 of 24  0:07 left");
  CHECK(progress_line(0.5, "a status that is too long", "0:07 left", 32) ==
        " 50 %  0:07 left  a status that");
}
