#pragma once

#include <string>
#include <string_view>

/// Text of MIDI files. Their standard names no encoding, and writers use that of their time and
/// country.
namespace musicvae::midi {

/// Stands for the likeliest encoding of each text.
inline constexpr const char* kGuessedEncoding = "auto";

/// Whether decode_text() knows an encoding: kGuessedEncoding, or a name that iconv knows, such as
/// "latin1" or "shift_jis".
bool is_text_encoding(const std::string& name);

/// `bytes` as UTF-8. What does not fit `encoding` becomes U+FFFD.
///
/// A guess takes UTF-8 where the bytes are that, and otherwise what looks most like writing:
/// Windows-1252 (Latin-1), Shift-JIS, EUC-JP, GB18030, EUC-KR, Windows-1251 or KOI8-R. The shorter
/// a text, the more often it is wrong.
std::string decode_text(std::string_view bytes, const std::string& encoding = kGuessedEncoding);

}  // namespace musicvae::midi
