#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "datasets/grid/grid.hpp"

/// The corpus file, version 2: a Header; for each piece its BarRecords and NoteRecords; the
/// PieceRecords; the names. Little-endian. Notes rather than rows are stored, because what a codec
/// makes of a bar depends on where the window around it begins. The version grows too when music is
/// cut into other bars: in version 1, accents moved the bar lines of files that state their meter.
namespace musicvae::datasets::corpus_format {

static_assert(std::endian::native == std::endian::little, "the file is read as it lies in memory");

inline constexpr std::array<char, 8> kMagic = {'M', 'V', 'C', 'O', 'R', 'P', 'U', 'S'};
inline constexpr std::uint32_t kVersion = 2;

struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t pieces = 0;
  std::uint64_t file_size = 0;
  std::uint64_t index_offset = 0;  ///< Where the piece records begin; the names follow them.
  std::uint32_t steps_per_quarter = 0;
  std::uint32_t max_rows = 0;
  std::array<char, 32> codec{};  ///< Padded with zeros.
  std::uint64_t checksum = 0;    ///< checksum() of the whole file.
};

struct PieceRecord {
  std::uint64_t offset = 0;  ///< Where the first bar record begins, from the start of the file.
  std::uint32_t bars = 0;
  std::uint32_t notes = 0;
  std::uint64_t name_offset = 0;  ///< From the start of the file.
  std::uint32_t name_size = 0;
  std::uint32_t split = 0;
};

struct BarRecord {
  std::uint32_t length = 0;  ///< In steps.
  std::uint32_t first_note =
      0;  ///< Index among the piece's notes; they end where the next bar's begin.
  std::uint16_t denominator = 0;
  std::uint16_t numerator = 0;
};

struct NoteRecord {
  std::uint32_t onset = 0;  ///< In steps from the start of the bar.
  std::uint32_t duration = 0;
  std::uint8_t pitch = 0;
  std::uint8_t velocity = 0;  ///< The top bit is set for drums.
  std::uint16_t part = 0;
};

static_assert(sizeof(Header) == 80 && sizeof(PieceRecord) == 32 && sizeof(BarRecord) == 12 &&
                  sizeof(NoteRecord) == 12,
              "records are laid out without padding");

inline std::uint64_t piece_size(std::uint64_t bars, std::uint64_t notes) {
  return bars * sizeof(BarRecord) + notes * sizeof(NoteRecord);
}

/// The record at `offset`, which the caller has checked to lie within `bytes`.
template <class Record>
Record load(std::span<const std::byte> bytes, std::size_t offset) {
  static_assert(std::is_trivially_copyable_v<Record>);
  Record record;
  std::memcpy(&record, bytes.data() + offset, sizeof(Record));
  return record;
}

template <class Record>
std::span<const std::byte> bytes_of(const Record& record) {
  static_assert(std::is_trivially_copyable_v<Record>);
  return std::as_bytes(std::span(&record, 1));
}

/// A hash of a whole file, the header's last field left out. Any change within eight aligned bytes
/// changes it; others go unseen once in 2^64. It guards against accidents, not against malice.
std::uint64_t checksum(std::span<const std::byte> file);

/// Goes on with a hash over further bytes.
std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed);

/// A piece's bar records, then its note records.
std::vector<std::byte> to_bytes(const Passage& music);

/// Bars and notes of one piece in a file; the inverse of to_bytes().
class PieceView {
 public:
  /// `bytes` hold just the piece; its size is checked by the caller.
  PieceView(std::span<const std::byte> bytes, std::uint32_t bars, std::uint32_t notes)
      : bytes_(bytes), bars_(bars), notes_(notes) {}

  /// Throws DatasetError where notes stand before the first bar.
  void check() const;
  /// Throws DatasetError on a bar or a note that no writer makes. Bars are checked each time that
  /// they are read, as another program may write into the file meanwhile.
  Bar bar(std::uint32_t index) const;
  std::uint32_t bars() const { return bars_; }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  BarRecord bar_record(std::uint32_t index) const;
  NoteRecord note_record(std::uint32_t index) const;
  std::uint32_t notes_end(std::uint32_t bar) const;

  std::span<const std::byte> bytes_;
  std::uint32_t bars_;
  std::uint32_t notes_;
};

}  // namespace musicvae::datasets::corpus_format
