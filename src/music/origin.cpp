#include "src/music/origin.hpp"

#include <string_view>

#include "src/music/version.hpp"

namespace musicvae {
namespace {

constexpr std::uint8_t kTextEvent = 0x01;

}  // namespace

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+@%#~";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

void Origin::add_word(const std::string& word) { words_ += " " + shell_word(word); }

void Origin::add(const std::string& flag, const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += " " + shell_word(value);
  flags_.try_emplace(flag, text);
}

void Origin::add_each(const std::string& flag, const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    text += (text.empty() ? " " : " " + flag + " ") + shell_word(value);
  }
  flags_.try_emplace(flag, text);
}

std::string Origin::command() const {
  std::string text = words_;
  for (const auto& [flag, values] : flags_) text += " " + flag + values;
  return text;
}

std::string Origin::text() const { return program_name() + ": " + command(); }

midi::Score with_origin(midi::Score score, const std::string& origin) {
  if (score.tracks.empty()) score.tracks.emplace_back();
  auto& metas = score.tracks.front().metas;
  metas.insert(metas.begin(), {midi::Ticks(0), kTextEvent, origin});
  return score;
}

}  // namespace musicvae
