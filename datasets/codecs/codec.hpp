#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/grid/grid.hpp"

namespace musicvae::datasets {

/// What one row of a codec is: one token of `width` classes, or `width` independent bits.
struct RowShape {
  enum class Kind { kToken, kBits };
  Kind kind = Kind::kToken;
  int width = 0;

  bool operator==(const RowShape&) const = default;
};

/// The token classes that name pitches, [first, first + count).
struct PitchTokens {
  int first = 0;
  int count = 0;  ///< 0 where no class does.

  bool contains(int token) const { return token >= first && token < first + count; }
  bool operator==(const PitchTokens&) const = default;
};

/// One bar as rows. `values` holds one entry a row for tokens, `width` entries (0 or 1) for bits.
struct BarRows {
  midi::Meter meter;
  Steps length;
  int rows = 0;
  std::vector<std::uint16_t> values;

  bool operator==(const BarRows&) const = default;
};

/// What a codec could not say: how many notes, by reason ("lower of simultaneous notes"). Notes
/// that are kept but lose a part of their duration are counted by reasons that begin with
/// "shortened".
using Dropped = std::map<std::string, std::size_t>;

/// Whether notes counted by `reason` are kept, though shorter.
bool is_shortening(std::string_view reason);
/// Number of notes left out, over all reasons.
std::size_t dropped_notes(const Dropped& dropped);

/// The rows a codec can produce for one bar, walked row by row while sampling.
class BarGrammar {
 public:
  virtual ~BarGrammar() = default;
  /// Sets `mask[c]` to whether token c may come next; at least one may unless finished().
  /// Only for tokens; under bits every row is allowed.
  virtual void allowed(std::span<bool> mask) const = 0;
  /// Takes the next row: its token, or -1 for a row of bits. A row that is not allowed has no
  /// effect.
  virtual void push(int token) = 0;
  virtual bool finished() const = 0;
};

/// A passage to rows and back. Stateless; decode(encode(x)) = x for whatever the codec can say.
class Codec {
 public:
  virtual ~Codec() = default;
  virtual std::string_view name() const = 0;
  virtual RowShape row_shape() const = 0;
  virtual Grid grid() const = 0;

  /// One BarRows a bar; what is lost is added to `dropped` where given.
  /// Throws DatasetError on a bar whose length can_encode() refuses.
  virtual std::vector<BarRows> encode(const Passage& passage, Dropped* dropped = nullptr) const = 0;
  /// The inverse. Any rows give a passage: what makes no sense in ungrammatical ones is left out.
  /// All notes are in part 0 and have GridNote's velocity.
  virtual Passage decode(std::span<const BarRows> bars) const = 0;
  /// Throws DatasetError on a length that can_encode() refuses.
  virtual std::unique_ptr<BarGrammar> grammar(Steps bar_length) const = 0;
  /// The longest bar that fits the codec's rows.
  virtual Steps longest_bar() const = 0;
  /// Whether a bar of this length does.
  bool can_encode(Steps bar_length) const {
    return bar_length > Steps(0) && bar_length <= longest_bar();
  }
  /// No bar of this length has more rows.
  virtual int max_rows(Steps bar_length) const = 0;
  /// Lowest and highest pitch it can say, for transposition.
  virtual std::pair<int, int> pitch_range() const = 0;
  /// The classes of pitch_range()'s pitches, in order; none for bits.
  virtual PitchTokens pitch_tokens() const = 0;
  /// The token that closes a bar; -1 where a bar's length says how many rows it has.
  virtual int end_token() const { return -1; }
  /// Rows moved by `semitones`, equal to encoding the transposed passage. Throws DatasetError where
  /// a pitch would leave pitch_range().
  virtual void transpose(std::span<BarRows> bars, int semitones) const = 0;
};

/// Names of all codecs, for --help and errors.
std::vector<std::string> codec_names();
/// Throws DatasetError naming the codecs there are, or where the grid is out of range.
std::unique_ptr<const Codec> make_codec(std::string_view name, const Grid& grid);

}  // namespace musicvae::datasets
