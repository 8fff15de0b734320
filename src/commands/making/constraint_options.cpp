#include "src/commands/making/constraint_options.hpp"

#include <filesystem>
#include <vector>

#include "src/base/file.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/common.hpp"

namespace musicvae::commands {
namespace {

/// What `parse` makes of an option's words.
template <class Parse>
auto parsed(const std::string& flag, Parse parse) {
  try {
    return parse();
  } catch (const Error& error) {
    throw UsageError(flag + ": " + error.what());
  }
}

/// The chords of a file, or those that the words themselves are.
std::vector<PitchSet> chords_of(const std::string& words) {
  constexpr std::size_t kMostBytes = 1 << 20;
  std::error_code unreadable;
  if (!std::filesystem::exists(words, unreadable)) {
    return parsed("--chords", [&] { return parse_chords(words); });
  }
  const auto bytes = read_file(words, kMostBytes);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return for_flag("--chords " + words, [&] { return parse_chords(text); });
}

PitchSet scale_of(const ConstraintOptions& options) {
  if (options.scale.empty()) return parsed("--key", [&] { return parse_key(options.key); });
  if (options.key.empty()) {
    throw UsageError("--scale needs a tonic: name it by --key, as --key D --scale " +
                     options.scale);
  }
  return parsed("--scale", [&] { return parse_scale(options.key, options.scale); });
}

}  // namespace

void add_constraint_options(CLI::App& command, ConstraintOptions& options,
                            const std::string& bars) {
  command
      .add_option("--key", options.key,
                  "Key of new notes, such as D-minor or Bb-major, or a scale on a tonic, such as "
                  "D-dorian")
      ->type_name("KEY");
  command
      .add_option("--scale", options.scale,
                  "Scale of new notes on the tonic of --key, such as harmonic-minor or blues")
      ->type_name("SCALE");
  command
      .add_option("--chords", options.chords,
                  "Chords whose notes alone new notes are, one a bar, such as \"Dm G7 C A\", or a "
                  "file of them; " +
                      bars + ", and begin again after the last; N.C. leaves a bar free")
      ->type_name("CHORDS");
  command
      .add_option("--range", options.range, "Lowest and highest new pitch, such as E2-C6 or 40-84")
      ->type_name("RANGE");
  command
      .add_option("--polyphony", options.polyphony,
                  "New notes that sound at once, at most; 1 is a tune")
      ->check(between(1, 64));
  command.add_option("--density", options.density, "About how many new notes begin in a bar")
      ->check(between(0.1, 200.0));
}

Constraints constraints_of(const ConstraintOptions& options) {
  Constraints constraints;
  constraints.most_sounding = options.polyphony;
  constraints.notes_a_bar = options.density;
  PitchSet everywhere = PitchSet().set();
  if (!options.key.empty() || !options.scale.empty()) everywhere &= scale_of(options);
  if (!options.range.empty()) {
    everywhere &= parsed("--range", [&] { return parse_range(options.range); });
  }
  if (!options.chords.empty()) {
    constraints.pitches = chords_of(options.chords);
    for (PitchSet& pitches : constraints.pitches) pitches &= everywhere;
  } else if (!everywhere.all()) {
    constraints.pitches = {everywhere};
  }
  return constraints;
}

std::optional<midi::KeyChange> stated_key(const ConstraintOptions& options) {
  if (options.key.empty() || !options.scale.empty()) return {};
  return key_signature(options.key);
}

void state_key(const ConstraintOptions& options, Source& source) {
  const auto key = stated_key(options);
  if (!key) return;
  source.file.score.keys = {*key};
  source.style.keys = {*key};
}

Constraints at_places(const Constraints& constraints, const std::vector<int>& places,
                      std::size_t total) {
  Constraints placed = constraints;
  if (constraints.pitches.empty()) return placed;
  placed.pitches.assign(total, PitchSet().set());
  for (std::size_t i = 0; i < places.size(); ++i) {
    placed.pitches[static_cast<std::size_t>(places[i])] = constraints.pitches_at(i);
  }
  return placed;
}

}  // namespace musicvae::commands
