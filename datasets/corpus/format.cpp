#include "datasets/corpus/format.hpp"

#include <string>

namespace musicvae::datasets::corpus_format {
namespace {

constexpr std::uint32_t kMostSteps = 1u << 30;  // Sums of two such lengths still fit an int.

constexpr std::uint8_t kDrumBit = 0x80;

std::uint8_t velocity_byte(const GridNote& note) {
  return std::uint8_t((note.velocity & ~kDrumBit) | (note.drum ? kDrumBit : 0));
}

std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
  return std::rotl(state ^ word, 29) * 0x9E3779B97F4A7C15u;
}

void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

[[noreturn]] void refuse(const std::string& what, std::uint32_t bar) {
  throw DatasetError(what + " in bar " + std::to_string(bar + 1));
}

void check_bar(const BarRecord& bar, std::uint32_t index) {
  const bool meter_holds = bar.numerator >= 1 && bar.numerator <= 255 && bar.denominator >= 1 &&
                           bar.length >= 1 && bar.length <= kMostSteps;
  if (!meter_holds) refuse("a meter that cannot be", index);
}

void check_note(const NoteRecord& note, const BarRecord& bar, std::uint32_t index) {
  const bool sound = note.onset < bar.length && note.duration >= 1 && note.duration <= kMostSteps &&
                     note.pitch < midi::kPitches;
  if (!sound) refuse("a note that cannot be", index);
}

}  // namespace

// Each step is a bijection of the lane it takes, so that no single changed word goes unseen. Four
// lanes keep the multipliers busy.
std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed) {
  std::array<std::uint64_t, 4> lanes = {seed, ~seed, seed + 1, seed + 2};
  std::size_t at = 0;
  for (; at + sizeof lanes <= bytes.size(); at += sizeof lanes) {
    const auto words = load<std::array<std::uint64_t, 4>>(bytes, at);
    for (std::size_t lane = 0; lane < 4; ++lane) lanes[lane] = mix(lanes[lane], words[lane]);
  }
  std::uint64_t state = bytes.size();
  for (; at < bytes.size(); ++at) state = mix(state, std::to_integer<std::uint64_t>(bytes[at]));
  for (const std::uint64_t lane : lanes) state = mix(state, lane);
  return state ^ (state >> 31);
}

std::uint64_t checksum(std::span<const std::byte> file) {
  constexpr std::size_t kField = offsetof(Header, checksum);
  return hash_bytes(file.subspan(sizeof(Header)), hash_bytes(file.first(kField), 0));
}

std::vector<std::byte> to_bytes(const Passage& music) {
  std::vector<std::byte> bars, notes;
  std::uint32_t count = 0;
  for (const Bar& bar : music.bars) {
    append(bars, bytes_of(BarRecord{std::uint32_t(bar.length.count), count, bar.meter.denominator,
                                    bar.meter.numerator}));
    for (const GridNote& note : bar.notes) {
      append(notes, bytes_of(NoteRecord{std::uint32_t(note.onset.count),
                                        std::uint32_t(note.duration.count), note.pitch,
                                        velocity_byte(note), note.part}));
    }
    count += std::uint32_t(bar.notes.size());
  }
  append(bars, notes);
  return bars;
}

BarRecord PieceView::bar_record(std::uint32_t index) const {
  return load<BarRecord>(bytes_, index * sizeof(BarRecord));
}

NoteRecord PieceView::note_record(std::uint32_t index) const {
  return load<NoteRecord>(bytes_, piece_size(bars_, index));
}

std::uint32_t PieceView::notes_end(std::uint32_t bar) const {
  return bar + 1 < bars_ ? bar_record(bar + 1).first_note : notes_;
}

void PieceView::check() const {
  if (bars_ == 0 || bar_record(0).first_note != 0) throw DatasetError("notes before the first bar");
}

Bar PieceView::bar(std::uint32_t index) const {
  const BarRecord record = bar_record(index);
  const std::uint32_t end = notes_end(index);
  if (record.first_note > end || end > notes_) refuse("notes out of order", index);
  check_bar(record, index);
  Bar bar{{std::uint8_t(record.numerator), record.denominator}, Steps(int(record.length)), {}};
  bar.notes.reserve(end - record.first_note);
  for (std::uint32_t at = record.first_note; at < end; ++at) {
    const NoteRecord note = note_record(at);
    check_note(note, record, index);
    bar.notes.push_back({Steps(int(note.onset)), Steps(int(note.duration)), note.pitch,
                         std::uint8_t(note.velocity & ~kDrumBit), note.part,
                         (note.velocity & kDrumBit) != 0});
  }
  return bar;
}

}  // namespace musicvae::datasets::corpus_format
