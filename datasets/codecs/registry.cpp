#include <functional>

#include "datasets/codecs/melody.hpp"
#include "datasets/codecs/melody_ticks.hpp"
#include "datasets/codecs/notes.hpp"
#include "datasets/codecs/notes_by_step.hpp"
#include "datasets/codecs/pianoroll.hpp"

namespace musicvae::datasets {
namespace {

using Maker = std::unique_ptr<const Codec> (*)(const Grid&);

template <class T>
std::unique_ptr<const Codec> make(const Grid& grid) {
  return std::make_unique<const T>(grid);
}

/// A new codec is one line here.
const std::map<std::string, Maker, std::less<>>& makers() {
  static const std::map<std::string, Maker, std::less<>> all{
      {"melody", make<MelodyCodec>},       {"melody-ticks", make<MelodyTicksCodec>},
      {"notes", make<NotesCodec>},         {"notes-by-step", make<NotesByStepCodec>},
      {"pianoroll", make<PianorollCodec>},
  };
  return all;
}

std::string listed_names() {
  std::string names;
  for (const std::string& name : codec_names()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace

bool is_shortening(std::string_view reason) { return reason.starts_with("shortened"); }

std::size_t dropped_notes(const Dropped& dropped) {
  std::size_t notes = 0;
  for (const auto& [reason, count] : dropped) notes += is_shortening(reason) ? 0 : count;
  return notes;
}

std::vector<std::string> codec_names() {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers()) names.push_back(name);
  return names;
}

std::unique_ptr<const Codec> make_codec(std::string_view name, const Grid& grid) {
  const auto found = makers().find(name);
  if (found == makers().end()) {
    throw DatasetError("no codec is called '" + std::string(name) + "': there are " +
                       listed_names());
  }
  if (grid.steps_per_quarter < 1 || grid.steps_per_quarter > kMaxStepsPerQuarter) {
    throw DatasetError("a grid of " + std::to_string(grid.steps_per_quarter) +
                       " steps a quarter: 1 to " + std::to_string(kMaxStepsPerQuarter) + " work");
  }
  return found->second(grid);
}

}  // namespace musicvae::datasets
