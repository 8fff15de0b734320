#include "src/base/text.hpp"

#include "tests/catch.hpp"

using namespace musicvae;

TEST_CASE("Printable text holds no control characters, and is UTF-8", "[text]") {
  CHECK(printable("Flûte 1") == "Flûte 1");
  CHECK(printable("\x1B]0;pwned\a") == "\\u001b]0;pwned\\u0007");
  CHECK(printable(std::string("a\0b\x7F", 4)) == "a\\u0000b\\u007f");
  CHECK(printable("a\xC2\x9B"
                  "31m") == "a\\u009b31m");
  CHECK(printable("Fl\xFBte") == "Fl\\xfbte");
  CHECK(printable("cut \xE3\x83") == "cut \\xe3\\x83");
  CHECK(printable("a\r\nb\tc") == "a\\u000d\\u000ab\\u0009c");
  CHECK(printable("a\r\nb\tc", "\n\t") == "a\\u000d\nb\tc");
}

TEST_CASE("UTF-8 has one way to write a character", "[text]") {
  CHECK(is_utf8("Größe フルート 𝄞"));
  for (const char* text : {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"})
    CHECK_FALSE(is_utf8(text));
}

TEST_CASE("Text is cut between characters", "[text]") {
  CHECK(cut_to("Größe", 3) == "Grö");
  CHECK(cut_to("Größe", 9) == "Größe");
  CHECK(cut_to("Größe", 0).empty());
}

TEST_CASE("A slip of the pen is told from another word", "[text]") {
  const std::vector<std::string> names = {"sample", "inspect", "inpaint", "train"};
  CHECK(nearest("sampel", names) == "sample");
  CHECK(nearest("insepct", names) == "inspect");
  CHECK(nearest("tran", names) == "train");
  CHECK(nearest("inp", names) == "inpaint");
  CHECK_FALSE(nearest("dance", names));
  CHECK_FALSE(nearest("x", names));
  CHECK_FALSE(nearest("", names));
}
