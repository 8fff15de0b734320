#include "src/music/constraints/harmony.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/error.hpp"
#include "src/base/text.hpp"

namespace musicvae {
namespace {

constexpr int kOctave = 12;

/// Steps above a tonic or root, by name.
using StepsByName = std::map<std::string, std::vector<int>, std::less<>>;

const StepsByName kScales = {
    {"major", {0, 2, 4, 5, 7, 9, 11}},
    {"minor", {0, 2, 3, 5, 7, 8, 10}},
    {"harmonic-minor", {0, 2, 3, 5, 7, 8, 11}},
    {"melodic-minor", {0, 2, 3, 5, 7, 9, 11}},
    {"dorian", {0, 2, 3, 5, 7, 9, 10}},
    {"phrygian", {0, 1, 3, 5, 7, 8, 10}},
    {"lydian", {0, 2, 4, 6, 7, 9, 11}},
    {"mixolydian", {0, 2, 4, 5, 7, 9, 10}},
    {"locrian", {0, 1, 3, 5, 6, 8, 10}},
    {"major-pentatonic", {0, 2, 4, 7, 9}},
    {"minor-pentatonic", {0, 3, 5, 7, 10}},
    {"blues", {0, 3, 5, 6, 7, 10}},
    {"whole-tone", {0, 2, 4, 6, 8, 10}},
    {"chromatic", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
};

const StepsByName kChords = {
    {"", {0, 4, 7}},
    {"maj", {0, 4, 7}},
    {"M", {0, 4, 7}},
    {"m", {0, 3, 7}},
    {"min", {0, 3, 7}},
    {"dim", {0, 3, 6}},
    {"aug", {0, 4, 8}},
    {"+", {0, 4, 8}},
    {"5", {0, 7}},
    {"sus2", {0, 2, 7}},
    {"sus4", {0, 5, 7}},
    {"sus", {0, 5, 7}},
    {"6", {0, 4, 7, 9}},
    {"m6", {0, 3, 7, 9}},
    {"7", {0, 4, 7, 10}},
    {"maj7", {0, 4, 7, 11}},
    {"M7", {0, 4, 7, 11}},
    {"m7", {0, 3, 7, 10}},
    {"min7", {0, 3, 7, 10}},
    {"mmaj7", {0, 3, 7, 11}},
    {"dim7", {0, 3, 6, 9}},
    {"m7b5", {0, 3, 6, 10}},
    {"7sus4", {0, 5, 7, 10}},
    {"aug7", {0, 4, 8, 10}},
    {"add9", {0, 2, 4, 7}},
    {"madd9", {0, 2, 3, 7}},
    {"9", {0, 2, 4, 7, 10}},
    {"m9", {0, 2, 3, 7, 10}},
    {"maj9", {0, 2, 4, 7, 11}},
    {"11", {0, 2, 4, 5, 7, 10}},
    {"13", {0, 2, 4, 7, 9, 10}},
};

std::vector<std::string> names_of(const StepsByName& steps) {
  std::vector<std::string> names;
  for (const auto& [name, _] : steps) names.push_back(name);
  return names;
}

/// Takes a note name off the front of `text`, such as "F#": its pitch class, which accidentals may
/// move out of the octave. Nothing where there is none.
std::optional<int> take_note(std::string_view& text) {
  constexpr std::string_view kLetters = "CDEFGAB";
  constexpr int kClasses[] = {0, 2, 4, 5, 7, 9, 11};
  if (text.empty()) return {};
  const auto letter =
      kLetters.find(static_cast<char>(std::toupper(static_cast<unsigned char>(text.front()))));
  if (letter == std::string_view::npos) return {};
  int pitch_class = kClasses[letter];
  text.remove_prefix(1);
  for (; !text.empty() && (text.front() == '#' || text.front() == 'b'); text.remove_prefix(1)) {
    pitch_class += text.front() == '#' ? 1 : -1;
  }
  return pitch_class;
}

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

std::optional<int> pitch_of(std::string_view text) {
  std::optional<int> pitch = whole_number(text);
  if (!pitch) {
    const auto note = take_note(text);
    const auto octave = whole_number(text);
    if (!note || !octave || *octave < -1 || *octave > 9) return {};
    pitch = *note + kOctave * (*octave + 1);
  }
  return *pitch >= 0 && *pitch < midi::kPitches ? pitch : std::nullopt;
}

/// The tonic of a key, and what follows it, if anything, without the "-" or space between.
std::pair<int, std::string_view> split_key(std::string_view text) {
  const std::string whole(text);
  const auto tonic = take_note(text);
  const bool named = text.size() > 1 && (text.front() == '-' || text.front() == ' ');
  if (tonic && text == "m") return {*tonic, "minor"};
  if (!tonic || (!text.empty() && !named)) {
    throw Error("'" + printable(whole) + "' is no key; write it as D-minor, Bb-major or F#-dorian");
  }
  if (!text.empty()) text.remove_prefix(1);
  return {*tonic, text};
}

const std::vector<int>& scale_steps(std::string_view name) {
  const auto scale = kScales.find(name);
  if (scale != kScales.end()) return scale->second;
  std::string all;
  for (const std::string& known : scale_names()) all += (all.empty() ? "" : ", ") + known;
  throw Error("there is no scale '" + printable(name) + "'; " +
              did_you_mean(name, scale_names(), "there are " + all));
}

Error no_chord(const std::string& text) {
  return Error("'" + printable(text) +
               "' is no chord; write a root and a quality, such as Dm, G7, F#m7b5, Bbmaj7 or "
               "Csus4, with a bass after a slash if there is one, or N.C. for none");
}

}  // namespace

PitchSet in_all_octaves(int tonic, const std::vector<int>& steps) {
  PitchSet pitches;
  for (const int step : steps) {
    const int first = ((tonic + step) % kOctave + kOctave) % kOctave;
    for (int pitch = first; pitch < midi::kPitches; pitch += kOctave) {
      pitches.set(static_cast<std::size_t>(pitch));
    }
  }
  return pitches;
}

int parse_pitch(const std::string& text) {
  if (const auto pitch = pitch_of(text)) return *pitch;
  throw Error("'" + printable(text) +
              "' is no pitch; write a name such as F#3 or Bb5, where C4 is middle C, or a MIDI "
              "number from 0 to 127");
}

PitchSet parse_range(const std::string& text) {
  // The first pitch may begin with a "-" of its own in its octave, as in C-1-C4.
  for (auto dash = text.find('-', 1); dash != std::string::npos; dash = text.find('-', dash + 1)) {
    const auto low = pitch_of(std::string_view(text).substr(0, dash));
    const auto high = pitch_of(std::string_view(text).substr(dash + 1));
    if (!low || !high) continue;
    if (*low > *high)
      throw Error("the range '" + printable(text) + "' goes down; write the lower pitch first");
    PitchSet pitches;
    for (int pitch = *low; pitch <= *high; ++pitch) pitches.set(static_cast<std::size_t>(pitch));
    return pitches;
  }
  throw Error("'" + printable(text) + "' is no range; write it as E2-C6 or 40-84");
}

std::vector<std::string> scale_names() { return names_of(kScales); }

PitchSet parse_key(const std::string& text) {
  const auto [tonic, mode] = split_key(text);
  return in_all_octaves(tonic, scale_steps(mode.empty() ? "major" : mode));
}

PitchSet parse_scale(const std::string& key, const std::string& scale) {
  return in_all_octaves(split_key(key).first, scale_steps(scale));
}

std::optional<midi::KeyChange> key_signature(const std::string& key) {
  constexpr std::string_view kByFifths = "FCGDAEB";
  constexpr int kFifthsASharp = 7, kFifthsToMinor = 3;
  const auto [tonic, mode] = split_key(key);
  const bool minor = mode == "minor";
  if (!mode.empty() && mode != "major" && !minor) return {};
  const auto letter =
      kByFifths.find(static_cast<char>(std::toupper(static_cast<unsigned char>(key[0]))));
  const auto accidentals = std::string_view(key).substr(1, key.find_first_of("- ") - 1);
  const auto sharps = std::count(accidentals.begin(), accidentals.end(), '#');
  const auto flats = std::count(accidentals.begin(), accidentals.end(), 'b');
  const auto fifths = static_cast<int>(letter) - 1 +
                      kFifthsASharp * static_cast<int>(sharps - flats) -
                      (minor ? kFifthsToMinor : 0);
  if (std::abs(fifths) > kFifthsASharp) return {};
  midi::KeyChange change;
  change.sharps = static_cast<std::int8_t>(fifths);
  change.minor = minor;
  return change;
}

PitchSet parse_chord(const std::string& text) {
  if (text == "N.C." || text == "NC" || text == "-") return PitchSet().set();
  std::string_view rest = text;
  const auto root = take_note(rest);
  if (!root) throw no_chord(text);
  const auto slash = rest.find('/');
  const auto chord = kChords.find(rest.substr(0, slash));
  if (chord == kChords.end()) throw no_chord(text);
  PitchSet pitches = in_all_octaves(*root, chord->second);
  if (slash == std::string_view::npos) return pitches;
  rest.remove_prefix(slash + 1);
  const auto bass = take_note(rest);
  if (!bass || !rest.empty()) throw no_chord(text);
  return pitches | in_all_octaves(*bass, {0});
}

std::vector<PitchSet> parse_chords(const std::string& text) {
  std::vector<PitchSet> chords;
  constexpr std::string_view kBetween = " \t\r\n|,";
  for (std::size_t end = 0, begin = 0;
       (begin = text.find_first_not_of(kBetween, end)) != std::string::npos;) {
    end = std::min(text.find_first_of(kBetween, begin), text.size());
    chords.push_back(parse_chord(text.substr(begin, end - begin)));
  }
  if (chords.empty()) throw Error("there are no chords; write one a bar, such as \"Dm G7 C A\"");
  return chords;
}

}  // namespace musicvae
