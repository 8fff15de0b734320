#include "midi/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>
#include <map>
#include <optional>

#include "src/base/text.hpp"

namespace musicvae::midi {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Converts from one encoding to another.
class Conversion {
 public:
  Conversion(const char* to, const char* from) : handle_(::iconv_open(to, from)) {}
  ~Conversion() {
    if (known()) ::iconv_close(handle_);
  }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

  bool known() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  /// Forgets what came before.
  void restart() { ::iconv(handle_, nullptr, nullptr, nullptr, nullptr); }

  /// Appends what the start of `bytes` says, as far as it can be converted, and takes it off.
  void take(std::string_view& bytes, std::string& converted) {
    std::array<char, 256> buffer{};
    std::size_t result = 0;
    do {
      char* in = const_cast<char*>(bytes.data());  // iconv reads only.
      char* out = buffer.data();
      std::size_t in_left = bytes.size(), out_left = buffer.size();
      result = ::iconv(handle_, &in, &in_left, &out, &out_left);
      converted.append(buffer.data(), buffer.size() - out_left);
      bytes.remove_prefix(bytes.size() - in_left);
    } while (result == static_cast<std::size_t>(-1) && errno == E2BIG);
  }

 private:
  iconv_t handle_;
};

std::string decode_as(std::string_view bytes, const std::string& encoding) {
  Conversion conversion("UTF-8", encoding.c_str());
  std::string text;
  while (conversion.known() && !bytes.empty()) {
    conversion.take(bytes, text);
    if (bytes.empty()) break;
    text += kReplacement;
    bytes.remove_prefix(1);
  }
  return text;
}

/// Kept, as a file may have thousands of names, and to open one takes longer than to use it.
Conversion& to_characters(const char* encoding) {
  thread_local std::map<std::string, Conversion> conversions;
  return conversions.try_emplace(encoding, "UTF-32LE", encoding).first->second;
}

/// `bytes` as characters; nothing where they are not of the encoding.
std::optional<std::u32string> characters_of(std::string_view bytes, const char* encoding) {
  Conversion& conversion = to_characters(encoding);
  std::string units;
  if (conversion.known()) {
    conversion.restart();
    conversion.take(bytes, units);
  }
  if (!bytes.empty()) return std::nullopt;
  std::u32string characters;
  for (std::size_t i = 0; i + 3 < units.size(); i += 4) {
    char32_t character = 0;
    for (std::size_t j = 4; j-- > 0;) {
      character = character << 8 | static_cast<unsigned char>(units[i + j]);
    }
    characters += character;
  }
  return characters;
}

enum class Script { kNone, kAscii, kLatin, kCyrillic, kKana, kHalfKana, kIdeograph, kHangul, kOdd };

bool is_between(char32_t character, char32_t low, char32_t high) {
  return character >= low && character <= high;
}

bool is_ascii_letter(char32_t c) { return is_between(c, 'a', 'z') || is_between(c, 'A', 'Z'); }

bool is_latin_letter(char32_t c) {
  return (is_between(c, 0xC0, 0xFF) && c != 0xD7 && c != 0xF7) ||
         std::u32string_view(U"\u0152\u0153\u0160\u0161\u0178\u017D\u017E").find(c) !=
             std::u32string_view::npos;
}

/// Signs that stand beside letters of any script.
bool is_common_sign(char32_t c) {
  return c < 0x80 || is_between(c, 0x2010, 0x2026) || is_between(c, 0x3000, 0x3020) ||
         is_between(c, 0xFF01, 0xFF5E) || c == 0x2116 ||
         std::u32string_view(
             U"\u00A1\u00A3\u00A7\u00A9\u00AA\u00AB\u00AE\u00B0\u00B7\u00BA\u00BB"
             U"\u00BF")
                 .find(c) != std::u32string_view::npos;
}

Script script_of(char32_t c) {
  if (is_ascii_letter(c)) return Script::kAscii;
  if (is_common_sign(c)) return Script::kNone;
  if (is_latin_letter(c)) return Script::kLatin;
  if (is_between(c, 0x401, 0x45F)) return Script::kCyrillic;
  if (is_between(c, 0x3041, 0x30FF)) return Script::kKana;
  if (is_between(c, 0xFF66, 0xFF9F)) return Script::kHalfKana;
  if (is_between(c, 0x4E00, 0x9FFF)) return Script::kIdeograph;
  if (is_between(c, 0xAC00, 0xD7A3)) return Script::kHangul;
  return Script::kOdd;
}

bool is_capital(char32_t c) {
  return is_between(c, 'A', 'Z') || is_between(c, 0xC0, 0xDE) || is_between(c, 0x401, 0x42F);
}

/// An encoding, and how much its characters count where they look like writing. Those of Japan,
/// China and Korea share most of their byte pairs: it tells them apart that kana are frequent in
/// Japanese, and that Hangul fill only a part of what ideographs do.
struct Guess {
  const char* encoding;
  int start = 0;
  int kana = 0;
  int ideograph = 0;
  int hangul = 0;
};

constexpr std::array kGuesses = {Guess{"WINDOWS-1252"},
                                 Guess{"CP932", 0, 4, 3, 0},
                                 Guess{"GB18030", 0, 3, 3, 0},
                                 Guess{"EUC-JP", 0, 4, 2, 0},
                                 Guess{"EUC-KR", -5, 0, 0, 5},
                                 Guess{"WINDOWS-1251"},
                                 Guess{"KOI8-R"}};

/// How much one character, whose neighbours are `before` and `after`, looks like writing.
int likeness(const Guess& guess, char32_t before, char32_t character, char32_t after) {
  const Script script = script_of(character), left = script_of(before), right = script_of(after);
  const bool beside_ascii = left == Script::kAscii || right == Script::kAscii;
  const bool beside_own = left == script || right == script;
  const bool odd_capital = left != Script::kNone && !is_capital(before) && is_capital(character);
  switch (script) {
    case Script::kLatin:
      if (odd_capital) return -2;
      if (beside_ascii) return 2;
      return beside_own ? -1 : 1;
    case Script::kCyrillic:
      return odd_capital || beside_ascii || !beside_own ? -3 : 2;
    case Script::kKana:
      return guess.kana;
    case Script::kHalfKana:
      return beside_own && !beside_ascii ? 1 : -3;
    case Script::kIdeograph:
      return beside_ascii ? -2 : guess.ideograph;
    case Script::kHangul:
      return beside_ascii ? -2 : guess.hangul;
    case Script::kOdd:
      return -3;
    case Script::kNone:
    case Script::kAscii:
      break;
  }
  return 0;
}

int likeness(const Guess& guess, const std::u32string& text) {
  int sum = guess.start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    sum += likeness(guess, i == 0 ? U' ' : text[i - 1], text[i],
                    i + 1 == text.size() ? U' ' : text[i + 1]);
  }
  return sum;
}

/// The earlier of two that are as likely. What is none of them is Latin-1, which has all bytes.
const char* likeliest_encoding(std::string_view bytes) {
  const char* likeliest = "ISO-8859-1";
  std::optional<int> most;
  for (const Guess& guess : kGuesses) {
    const auto characters = characters_of(bytes, guess.encoding);
    if (!characters) continue;
    const int found = likeness(guess, *characters);
    if (most && found <= *most) continue;
    most = found;
    likeliest = guess.encoding;
  }
  return likeliest;
}

}  // namespace

bool is_text_encoding(const std::string& name) {
  return name == kGuessedEncoding || Conversion("UTF-8", name.c_str()).known();
}

std::string decode_text(std::string_view bytes, const std::string& encoding) {
  if (encoding != kGuessedEncoding) return decode_as(bytes, encoding);
  return is_utf8(bytes) ? std::string(bytes) : decode_as(bytes, likeliest_encoding(bytes));
}

}  // namespace musicvae::midi
