#include "src/base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace musicvae {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

/// Bytes of the character that begins with `lead`; 0 where none does.
std::size_t length_from(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

/// Whether the second byte makes a character longer than it need be, a surrogate, or one beyond
/// the last.
bool is_ill_formed(std::uint8_t lead, std::uint8_t second) {
  return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
         (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
}

std::string in_hex(const char* format, unsigned value) {
  char text[8];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// The number of a control character at the start of `text`, which is well-formed: C0, delete, C1.
std::optional<unsigned> control_character(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  if (first < 0x20 || first == 0x7F) return first;
  if (first == 0xC2 && byte_at(text, 1) < 0xA0) return byte_at(text, 1);
  return std::nullopt;
}

/// Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const std::size_t length = length_from(byte_at(text, 0));
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  }
  return length > 1 && is_ill_formed(byte_at(text, 0), byte_at(text, 1)) ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (const std::size_t length = utf8_length(text)) text.remove_prefix(length);
  return text.empty();
}

std::string printable(std::string_view text, std::string_view let_through) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto control = length == 0 ? std::nullopt : control_character(text);
    if (length == 0) {
      shown += in_hex("\\x%02x", byte_at(text, 0));
    } else if (control && let_through.find(text[0]) == std::string_view::npos) {
      shown += in_hex("\\u%04x", *control);
    } else {
      shown += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return shown;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  std::string cut;
  for (; columns > 0 && !text.empty(); --columns) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    cut += text.substr(0, length);
    text.remove_prefix(length);
  }
  return cut;
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  std::size_t least = 2 + word.size() / 4;  // As many slips as are no longer likely.
  std::optional<std::string> found;
  for (const std::string& candidate : candidates) {
    const bool begun = word.size() > 1 && candidate.starts_with(word);
    const std::size_t slips = begun ? 1 : distance(word, candidate);
    if (slips >= std::min(least, candidate.size())) continue;
    least = slips;
    found = candidate;
  }
  return found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         const std::string& otherwise) {
  const auto meant = nearest(word, candidates);
  return meant ? "did you mean " + *meant + "?" : otherwise;
}

}  // namespace musicvae
