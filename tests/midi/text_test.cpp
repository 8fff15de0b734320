#include "midi/text.hpp"

#include "tests/catch.hpp"

using namespace musicvae::midi;

TEST_CASE("Text that is UTF-8 is taken as it is", "[text]") {
  for (const std::string text : {"", "Viola", "Größe", "Флейта"}) CHECK(decode_text(text) == text);
}

TEST_CASE("The encoding of a name is guessed", "[text]") {
  CHECK(decode_text("Fl\xFBte \xE0 bec") == "Flûte à bec");
  CHECK(decode_text("Pr\xE9lude") == "Prélude");
  CHECK(decode_text("F\xFCr Elise") == "Für Elise");
  CHECK(decode_text("\xC9T\xC9") == "ÉTÉ");
  CHECK(decode_text("Bach\x92s") == "Bach’s");
  CHECK(decode_text("\x83\x74\x83\x8B\x81\x5B\x83\x67") == "フルート");
  CHECK(decode_text("\x89\x45\x8E\xE8") == "右手");
  CHECK(decode_text("\xA5\xD4\xA5\xA2\xA5\xCE") == "ピアノ");
  CHECK(decode_text("\xB8\xD6\xC7\xD9") == "钢琴");
  CHECK(decode_text("\xC7\xC7\xBE\xC6\xB3\xEB") == "피아노");
  CHECK(decode_text("\xD1\xEA\xF0\xE8\xEF\xEA\xE0") == "Скрипка");
  CHECK(decode_text("\xF3\xCB\xD2\xC9\xD0\xCB\xC1") == "Скрипка");
}

TEST_CASE("An encoding that is named is taken, and what does not fit it is replaced", "[text]") {
  CHECK(decode_text("Fl\xFBte", "latin1") == "Flûte");
  CHECK(decode_text("Dvo\xF8\xE1k", "latin2") == "Dvořák");
  CHECK(decode_text("Fl\xFBte!", "utf-8") == "Fl\xEF\xBF\xBDte!");
  CHECK(is_text_encoding("auto"));
  CHECK(is_text_encoding("shift_jis"));
  CHECK_FALSE(is_text_encoding("klingon"));
}

TEST_CASE("Bytes of no encoding still make text", "[text]") {
  std::string bytes;
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  CHECK_FALSE(decode_text(bytes).empty());
}
