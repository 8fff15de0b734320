#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Text from outside: names in files, paths, words that a user typed.
namespace musicvae {

/// Bytes of the first character of `text`, 1 to 4, where it is well-formed UTF-8, else 0.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

/// `text` fit to be shown, one line of UTF-8 that no terminal takes for a command: control
/// characters as JSON writes them, "\u001b", and bytes that are no UTF-8 as "\xe9". Those in
/// `let_through` stay.
std::string printable(std::string_view text, std::string_view let_through = {});

/// As much of `text` as fits into so many columns, one for each character.
std::string cut_to(std::string_view text, std::size_t columns);

/// The one of `candidates` that `word` is a slip of the pen for, or the beginning of, if there is
/// one.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);
/// "did you mean NAME?", or what to do `otherwise`.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         const std::string& otherwise);

}  // namespace musicvae
