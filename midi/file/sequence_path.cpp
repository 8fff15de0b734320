#include "midi/file/sequence_path.hpp"

#include <charconv>
#include <string>
#include <system_error>

namespace musicvae::midi {
namespace {

bool is_there(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

/// The number that all of `text` spells, if it is above 0.
std::optional<std::size_t> parse_number(const std::string& text) {
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number == 0) return {};
  return number;
}

}  // namespace

SequencePath parse_sequence_path(const std::filesystem::path& path) {
  const std::string text = path.string();
  const std::size_t mark = text.rfind('#');
  if (mark == std::string::npos || is_there(path)) return {path, {}};
  const std::filesystem::path file = text.substr(0, mark);
  const auto number = parse_number(text.substr(mark + 1));
  if (!number || !(file == "-" || is_there(file))) return {path, {}};
  return {file, number};
}

std::filesystem::path sequence_path(const std::filesystem::path& file, std::size_t number) {
  return file.string() + "#" + std::to_string(number);
}

}  // namespace musicvae::midi
