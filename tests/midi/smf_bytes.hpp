#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "midi/file/reader.hpp"
#include "midi/file/smf.hpp"

/// Hand-made Standard MIDI Files for tests.
namespace musicvae::midi::testing {

inline std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

inline std::string chunk(const std::string& name, const std::string& data) {
  std::string result = name;
  append_big_endian(result, static_cast<std::uint32_t>(data.size()), 4);
  return result + data;
}

inline std::string header(int format, int tracks, int division = 480) {
  return chunk("MThd", bytes({0, format, 0, tracks, division >> 8, division & 0xFF}));
}

inline const std::string kEnd = bytes({0, 0xFF, 0x2F, 0});
inline const std::string kNote = bytes({0, 0x90, 60, 64, 9, 60, 0});  ///< Middle C for 9 ticks.

/// A format 1 file of these tracks, an end-of-track event appended to each.
inline std::string file_of(const std::vector<std::string>& tracks) {
  std::string file = header(1, static_cast<int>(tracks.size()));
  for (const std::string& events : tracks) file += chunk("MTrk", events + kEnd);
  return file;
}

inline ReadResult read(const std::string& file, bool strict = false) {
  return read_midi(std::as_bytes(std::span(file)), {strict});
}

/// Reads a file of one track with these events.
inline ReadResult read_events(std::initializer_list<int> events) {
  return read(file_of({bytes(events)}));
}

}  // namespace musicvae::midi::testing
