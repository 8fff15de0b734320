#include "midi/file/reader.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "midi/file/chunk_reader.hpp"
#include "midi/file/smf.hpp"
#include "midi/file/smf_header.hpp"
#include "midi/file/track_reader.hpp"
#include "src/base/file.hpp"

namespace musicvae::midi {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 28;

void check_size(std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxFileBytes)
    throw MidiError("too long for a MIDI file: expected at most 256 MiB, found more",
                    kMaxFileBytes);
}

/// Sorts by time, and keeps the last in the file of several changes at one time.
template <class Change>
void put_in_order(std::vector<Change>& changes) {
  const auto earlier = [](const Change& a, const Change& b) { return a.time < b.time; };
  if (!std::is_sorted(changes.begin(), changes.end(), earlier))
    std::stable_sort(changes.begin(), changes.end(), earlier);
  const auto same_time = [](const Change& a, const Change& b) { return a.time == b.time; };
  const auto first = std::unique(changes.rbegin(), changes.rend(), same_time).base();
  changes.erase(changes.begin(), first);
}

template <class Change>
Ticks last_time(const std::vector<Change>& changes) {
  return changes.empty() ? Ticks(0) : changes.back().time;
}

/// A writer puts changes into the first track, which therefore lasts as long as they do.
void settle_changes(Score& score) {
  put_in_order(score.tempos);
  put_in_order(score.meters);
  put_in_order(score.keys);
  if (score.tracks.empty()) return;
  Ticks& end = score.tracks.front().end;
  end = std::max({end, last_time(score.tempos), last_time(score.meters), last_time(score.keys)});
}

/// The header's format, unless the tracks belie it.
int settle_format(const SmfHeader& header, std::size_t tracks, WarningLog& warnings) {
  if (tracks != header.tracks)
    warnings.add(header.offset + 10, "the header claims " + std::to_string(header.tracks) +
                                         " tracks, the file has " + std::to_string(tracks));
  if (header.format > 2)
    warnings.add(header.offset + 8,
                 "unknown format " + std::to_string(header.format) + "; read as format 1");
  else if (header.format == 0 && tracks != 1)
    warnings.add(header.offset + 8, "format 0 has one track; read as format 1");
  else
    return header.format;
  return 1;
}

}  // namespace

ReadResult read_midi(std::span<const std::byte> bytes, const ReadOptions& options) {
  check_size(bytes);
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  ReadState state(bytes.size(), options.strict);
  const SmfHeader header = read_smf_header(file, state.warnings);
  Score& score = state.result.score;
  score.division = header.division;
  ChunkReader(file, header, state).read();
  score.format = settle_format(header, score.tracks.size(), state.warnings);
  settle_changes(score);
  state.result.warnings = state.warnings.take();
  return std::move(state.result);
}

ReadResult read_midi_file(const std::filesystem::path& path, const ReadOptions& options) {
  const std::vector<std::byte> bytes = read_file(path, kMaxFileBytes);
  try {
    return read_midi(bytes, options);
  } catch (const MidiError& error) {
    throw MidiError("'" + path.string() + "': " + error.what());
  }
}

}  // namespace musicvae::midi
