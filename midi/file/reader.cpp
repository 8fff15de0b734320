#include "midi/file/reader.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "midi/file/chunk_reader.hpp"
#include "midi/file/sequence_path.hpp"
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

/// Sorts by time changes that come in the file's order.
template <class Change>
void sort_by_time(std::vector<Change>& changes) {
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.time < b.time; });
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

bool has_notes(const ReadResult& sequence) { return note_count(sequence.score) > 0; }

/// Leaves out the sequences without notes, unless there are no others.
void leave_out_silent(ReadState& state) {
  std::vector<ReadResult>& sequences = state.sequences;
  if (std::none_of(sequences.begin(), sequences.end(), has_notes)) {
    sequences.resize(1);
    return;
  }
  for (const ReadResult& sequence : sequences) {
    const Score& score = sequence.score;
    if (has_notes(sequence) || (score.tempos.empty() && score.meters.empty() && score.keys.empty()))
      continue;
    state.warnings.add(sequence.end, "sequence " + std::to_string(sequence.sequence) +
                                         " of format 2 has no notes; its tempos, meters and keys "
                                         "hold for no other, and are left out");
  }
  std::erase_if(sequences, [](const ReadResult& sequence) { return !has_notes(sequence); });
}

/// Tells each sequence what was found up to its end. What comes after the last is the last's.
void deal_out(const std::vector<Warning>& warnings, std::vector<ReadResult>& sequences) {
  for (const Warning& warning : warnings) {
    const auto after = std::upper_bound(
        sequences.begin(), sequences.end() - 1, warning.offset,
        [](std::size_t offset, const ReadResult& sequence) { return offset < sequence.end; });
    after->warnings.push_back(warning);
  }
}

/// The numbers of sequences: "1-3, 5".
std::string list_numbers(const std::vector<ReadResult>& sequences) {
  constexpr int kMostListed = 16;
  std::string text;
  int listed = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (listed++ == kMostListed) return text + ", ...";
    const std::size_t first = sequences[i].sequence;
    while (i + 1 < sequences.size() && sequences[i + 1].sequence == sequences[i].sequence + 1) ++i;
    const std::size_t last = sequences[i].sequence;
    text += (text.empty() ? "" : ", ") + std::to_string(first);
    if (last > first) text += "-" + std::to_string(last);
  }
  return text;
}

ReadResult take_only_sequence(std::vector<ReadResult> sequences, const std::string& name) {
  if (sequences.size() == 1) return std::move(sequences.front());
  throw MidiError("a file of format 2 holds separate pieces, here " + list_numbers(sequences) +
                  "; add the number of one to its name, as in " + name + "#" +
                  std::to_string(sequences.front().sequence));
}

/// Does `work` with the bytes of the file, whose errors it gives the file's name.
template <class Work>
auto with_file(const std::filesystem::path& file, const Work& work) {
  const std::vector<std::byte> bytes = read_file(file, kMaxFileBytes);
  try {
    return work(bytes);
  } catch (const MidiError& error) {
    throw MidiError("'" + file.string() + "': " + error.what());
  }
}

}  // namespace

std::vector<ReadResult> read_midi_sequences(std::span<const std::byte> bytes,
                                            const ReadOptions& options) {
  check_size(bytes);
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  ReadState state(bytes.size(), options.strict);
  const SmfHeader header = read_smf_header(file, state.warnings);
  ChunkReader chunks(file, header, state);
  chunks.read();
  if (state.sequences.empty()) state.sequences.push_back(std::move(state.result));
  const int format = settle_format(header, chunks.tracks(), state.warnings);
  for (ReadResult& sequence : state.sequences) {
    sequence.score.format = format;
    sequence.score.division = header.division;
    sort_by_time(sequence.score.tempos);
    sort_by_time(sequence.score.meters);
    sort_by_time(sequence.score.keys);
  }
  leave_out_silent(state);
  deal_out(state.warnings.take(), state.sequences);
  return std::move(state.sequences);
}

ReadResult read_midi(std::span<const std::byte> bytes, const ReadOptions& options) {
  return take_only_sequence(read_midi_sequences(bytes, options), "piece.mid");
}

std::vector<ReadResult> read_midi_sequences_file(const std::filesystem::path& path,
                                                 const ReadOptions& options) {
  const auto [file, number] = parse_sequence_path(path);
  return with_file(file, [&, number = number](const std::vector<std::byte>& bytes) {
    auto sequences = read_midi_sequences(bytes, options);
    if (!number) return sequences;
    return std::vector<ReadResult>{take_sequence(std::move(sequences), *number)};
  });
}

ReadResult read_midi_file(const std::filesystem::path& path, const ReadOptions& options) {
  auto sequences = read_midi_sequences_file(path, options);
  try {
    return take_only_sequence(std::move(sequences), path.string());
  } catch (const MidiError& error) {
    throw MidiError("'" + path.string() + "': " + error.what());
  }
}

ReadResult take_sequence(std::vector<ReadResult> sequences, std::size_t number) {
  const auto found =
      std::find_if(sequences.begin(), sequences.end(),
                   [number](const ReadResult& sequence) { return sequence.sequence == number; });
  if (found != sequences.end()) return std::move(*found);
  throw MidiError("it has no sequence " + std::to_string(number) + " with notes, only " +
                  list_numbers(sequences));
}

}  // namespace musicvae::midi
