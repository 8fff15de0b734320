#include "src/studio/roll_svg.hpp"

#include <string>

#include "midi/file/reader.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using Catch::Contains;

namespace {

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("A drawn roll has every note, its bars and the names of its voices", "[roll]") {
  const auto file = midi::read_midi_file("datasets/bundled/greensleeves.mid");
  const std::string svg = studio::roll_svg(file.score, "Greensleeves");
  CHECK(count_of(svg, "opacity=") == int(midi::note_count(file.score)));
  CHECK(count_of(svg, "<path") == 17);
  CHECK_THAT(svg, Contains("<title>Greensleeves</title>") && Contains("upper voice"));
}

TEST_CASE("A drawn roll takes any title and a score without notes", "[roll]") {
  CHECK_THAT(studio::roll_svg({}, "<b>&\x1b"),
             Contains("&lt;b&gt;&amp;\\u001b") && Contains("</svg>"));
}
