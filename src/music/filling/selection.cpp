#include "src/music/filling/selection.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <optional>
#include <string_view>

#include "datasets/splice/splice.hpp"
#include "src/base/error.hpp"
#include "src/base/text.hpp"

namespace musicvae {
namespace {

using datasets::Passage;
using datasets::Piece;
using datasets::Steps;

constexpr std::size_t kMostListed = 16;  // Parts in a message.

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Reads a number that is made of digits alone.
std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool digits = !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
  if (!digits || error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

/// Reads "5" or "5-8".
std::optional<BarSelection::Range> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_number(trimmed(text.substr(0, dash)));
  if (dash == std::string_view::npos) {
    return first ? std::optional(BarSelection::Range{*first, *first}) : std::nullopt;
  }
  const auto last = parse_number(trimmed(text.substr(dash + 1)));
  return first && last ? std::optional(BarSelection::Range{*first, *last}) : std::nullopt;
}

void parse_item(const std::string& text, std::string_view item, BarSelection& selection) {
  if (item == "empty") {
    selection.empty_bars = true;
    return;
  }
  const auto range = parse_range(item);
  if (!range) {
    throw Error(text + " names no bars; write them as 5-8,13, or empty for the silent ones");
  }
  if (range->first > range->last) {
    throw Error(text + " runs backwards; write " + std::to_string(range->last) + "-" +
                std::to_string(range->first));
  }
  selection.ranges.push_back(*range);
}

std::string counted(int count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

/// Index of bar `number`; throws Error where the piece has none.
int bar_index(const Piece& piece, int number) {
  const int last = piece.first_bar() + static_cast<int>(piece.music.bars.size()) - 1;
  if (number < piece.first_bar()) {
    throw Error(piece.name + ": the first bar is bar 1, not bar 0");
  }
  if (number > last) {
    throw Error(piece.name + ": there is no bar " + std::to_string(number) + " in a piece of " +
                counted(last, "bar") + (piece.guess.upbeat ? " and an upbeat (bar 0)" : ""));
  }
  return number - piece.first_bar();
}

/// For each bar, whether nothing sounds in it.
std::vector<bool> silent_bars(const Passage& music) {
  std::vector<bool> silent;
  Steps start, end;  // Start of the bar; end of the notes before it.
  for (const auto& bar : music.bars) {
    silent.push_back(bar.notes.empty() && end <= start);
    for (const auto& note : bar.notes) end = std::max(end, start + note.onset + note.duration);
    start += bar.length;
  }
  return silent;
}

bool same_name(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

/// Lists parts: "1 Flute (channel 1), 2 (no name, channel 2)".
std::string list_parts(const Piece& piece, const std::string& text_encoding) {
  std::string text;
  for (std::size_t i = 0; i < std::min(piece.parts.size(), kMostListed); ++i) {
    const auto& part = piece.parts[i];
    text += (i == 0 ? "" : ", ") + std::to_string(i + 1) + " " +
            (part.name.empty()
                 ? "(no name, channel "
                 : printable(midi::decode_text(part.name, text_encoding)) + " (channel ") +
            std::to_string(part.channel + 1) + (part.drums ? ", drums)" : ")");
  }
  return piece.parts.size() > kMostListed ? text + ", ..." : text;
}

/// Indices of the parts that `name` may mean: those with this name, else the one with this number.
std::vector<std::size_t> matching_parts(const Piece& piece, const std::string& name,
                                        const std::string& text_encoding) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < piece.parts.size(); ++i) {
    const std::string own = midi::decode_text(piece.parts[i].name, text_encoding);
    if (same_name(own, name) || same_name(printable(own), name)) found.push_back(i);
  }
  const auto number = parse_number(name);
  const bool is_number = number && *number >= 1 && std::size_t(*number) <= piece.parts.size();
  if (found.empty() && is_number) found.push_back(std::size_t(*number) - 1);
  return found;
}

/// How a part strikes its notes.
struct Texture {
  std::size_t notes = 0;
  std::size_t onsets = 0;
  std::size_t chords = 0;  // Onsets of several notes.
  double mean_pitch = 0;

  bool is_chords() const { return onsets > 0 && 2 * chords >= onsets; }
  bool is_tune() const { return onsets > 0 && 10 * chords < onsets; }
};

/// The textures of all parts.
std::vector<Texture> textures_of(const Piece& piece) {
  std::vector<Texture> textures(piece.parts.size());
  std::vector<std::size_t> struck(piece.parts.size());  // Notes of the latest onset.
  std::vector<Steps> latest(piece.parts.size(), Steps(-1));
  Steps start;
  for (const auto& bar : piece.music.bars) {
    for (const auto& note : bar.notes) {
      Texture& texture = textures[note.part];
      if (start + note.onset != latest[note.part]) {
        ++texture.onsets;
        struck[note.part] = 0;
      }
      latest[note.part] = start + note.onset;
      texture.chords += ++struck[note.part] == 2;
      texture.mean_pitch += (note.pitch - texture.mean_pitch) / double(++texture.notes);
    }
    start += bar.length;
  }
  return textures;
}

}  // namespace

BarSelection parse_bars(const std::string& text) {
  BarSelection selection;
  std::string_view rest = text;
  for (;;) {
    const auto comma = rest.find(',');
    parse_item(text, trimmed(rest.substr(0, comma)), selection);
    if (comma == std::string_view::npos) return selection;
    rest.remove_prefix(comma + 1);
  }
}

std::vector<int> select_bars(const BarSelection& selection, const Piece& piece,
                             const Passage& music) {
  std::vector<bool> selected(piece.music.bars.size());
  if (selection.empty_bars) selected = silent_bars(music);
  for (const auto& range : selection.ranges) {
    const int first = bar_index(piece, range.first), last = bar_index(piece, range.last);
    std::fill(selected.begin() + first, selected.begin() + last + 1, true);
  }
  std::vector<int> bars;
  for (std::size_t bar = 0; bar < selected.size(); ++bar) {
    if (selected[bar]) bars.push_back(static_cast<int>(bar));
  }
  if (bars.empty()) throw Error(piece.name + ": no bar is empty; name bars to fill, as 5-8");
  return bars;
}

std::uint16_t select_part(const Piece& piece, const std::string& name,
                          const std::string& text_encoding) {
  const auto found = matching_parts(piece, name, text_encoding);
  if (found.size() != 1) {
    throw Error(piece.name + ": " + (found.empty() ? "no part is" : "several parts are") +
                " called '" + name +
                "'; name one of these, or its number: " + list_parts(piece, text_encoding));
  }
  if (piece.parts[found[0]].drums) {
    throw Error(piece.name + ": '" + name + "' is drums, which no model knows; name one of: " +
                list_parts(piece, text_encoding));
  }
  return static_cast<std::uint16_t>(found[0]);
}

std::vector<std::uint16_t> parts_above_chords(const Piece& piece) {
  const auto textures = textures_of(piece);
  auto parts = datasets::pitched_parts(piece);
  double highest_tune = -1;
  for (const auto part : parts) {
    if (textures[part].is_tune()) highest_tune = std::max(highest_tune, textures[part].mean_pitch);
  }
  std::erase_if(parts, [&](std::uint16_t part) {
    return textures[part].is_chords() && textures[part].mean_pitch < highest_tune;
  });
  return parts;
}

std::vector<std::uint16_t> select_parts(const BarSelection& selection, const Piece& piece) {
  const auto above = parts_above_chords(piece);
  const auto pitched = datasets::pitched_parts(piece);
  std::vector<std::uint16_t> chords;
  std::set_difference(pitched.begin(), pitched.end(), above.begin(), above.end(),
                      std::back_inserter(chords));
  if (chords.empty()) return pitched;
  const auto bars = select_bars(selection, piece, datasets::only_parts(piece.music, above));
  const auto silent = silent_bars(datasets::only_parts(piece.music, chords));
  const bool sound = std::any_of(bars.begin(), bars.end(),
                                 [&](int bar) { return !silent[static_cast<std::size_t>(bar)]; });
  return sound ? above : pitched;
}

}  // namespace musicvae
