#include "src/commands/options/origin.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "midi/file/writer.hpp"
#include "src/music/version.hpp"

namespace musicvae::commands {
namespace {

constexpr std::uint8_t kTextEvent = 0x01;

/// Whether an option says where results and messages go, or how fast, and not what music is made.
bool is_idle(const CLI::Option& option) {
  constexpr std::array kIdle = {"help", "output", "json", "quiet", "verbose", "threads", "config"};
  const auto& names = option.get_lnames();
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(kIdle.begin(), kIdle.end(), name) != kIdle.end();
  });
}

/// As a shell takes it for one word.
std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+@%#~";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

}  // namespace

Origin::Origin(const CLI::App& command) : words_(program_name() + ": " + command.get_name()) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || is_idle(*option)) continue;
    std::string values;
    const bool has_values = option->get_expected_max() > 0;
    for (const std::string& value : has_values ? option->reduced_results() : CLI::results_t()) {
      values += " " + quoted(value);
    }
    if (option->get_positional()) {
      words_ += values;
    } else {
      flags_["--" + option->get_lnames().front()] = values;
    }
  }
}

void Origin::add(const std::string& flag, const std::string& value) {
  flags_.try_emplace(flag, " " + quoted(value));
}

std::string Origin::text() const {
  std::string text = words_;
  for (const auto& [flag, values] : flags_) text += " " + flag + values;
  return text;
}

void write_made(midi::Score score, const std::string& origin, const std::string& path) {
  if (score.tracks.empty()) score.tracks.emplace_back();
  auto& metas = score.tracks.front().metas;
  metas.insert(metas.begin(), {midi::Ticks(0), kTextEvent, origin});
  midi::write_midi_file(score, path);
}

}  // namespace musicvae::commands
