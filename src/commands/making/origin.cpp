#include "src/commands/making/origin.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "midi/file/writer.hpp"

namespace musicvae::commands {
namespace {

/// Whether an option says where results and messages go, or how fast, and not what music is made.
bool is_idle(const CLI::Option& option) {
  constexpr std::array kIdle = {"help",    "output", "json",   "quiet", "verbose",
                                "threads", "config", "report", "svg"};
  const auto& names = option.get_lnames();
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(kIdle.begin(), kIdle.end(), name) != kIdle.end();
  });
}

}  // namespace

Origin origin_of(const CLI::App& command) {
  Origin origin(command.get_name());
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || is_idle(*option)) continue;
    const bool has_values = option->get_expected_max() > 0;
    const auto values = has_values ? option->reduced_results() : CLI::results_t();
    if (option->get_positional()) {
      for (const std::string& value : values) origin.add_word(value);
    } else if (has_values && !option->get_allow_extra_args()) {
      origin.add_each("--" + option->get_lnames().front(), values);
    } else {
      origin.add("--" + option->get_lnames().front(), values);
    }
  }
  return origin;
}

void write_made(midi::Score score, const std::string& origin, const std::string& path) {
  midi::write_midi_file(with_origin(std::move(score), origin), path);
}

}  // namespace musicvae::commands
