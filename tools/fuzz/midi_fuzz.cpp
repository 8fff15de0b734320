// Any bytes either make a MidiError or a Score that writing and reading keep as it is.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"

namespace midi = musicvae::midi;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void check(const midi::ReadResult& result) {
  require(midi::note_count(result.score) == result.note_ons, "every note-on makes a note");
  require(result.warnings.size() <= midi::kMaxWarnings, "warnings are capped");
  const auto again = midi::read_midi(midi::write_midi(result.score), {.strict = true});
  require(again.score == result.score, "reading what was written gives the same score");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    for (const auto& piece : midi::read_midi_sequences(std::as_bytes(std::span(data, size))))
      check(piece);
  } catch (const midi::MidiError&) {
  }
  return 0;
}
