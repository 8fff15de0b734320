#pragma once

#include <span>
#include <vector>

#include "datasets/codecs/codec.hpp"

/// What the codecs share.
namespace musicvae::datasets {

inline constexpr int kLowestPianoPitch = 21;    ///< A0.
inline constexpr int kHighestPianoPitch = 108;  ///< C8.

inline constexpr const char* kDrumsReason = "drums";
inline constexpr const char* kPitchReason = "pitch outside the codec's range";
inline constexpr const char* kOutsideBarReason = "begins outside its bar";
inline constexpr const char* kUnisonReason = "unison with another voice";
inline constexpr const char* kTooLongReason = "shortened to the longest duration";
inline constexpr const char* kPastEndReason = "shortened at the end of the passage";

/// The longest bar of codecs with one row a step: 12 quarters, which hold 12/4, 6/2 and 24/8. As
/// all bars of a batch are padded to the longest, one endless bar would cost the memory of
/// thousands.
inline Steps longest_bar_of_steps(const Grid& grid) { return Steps(12 * grid.steps_per_quarter); }

/// Adds to a count of dropped notes, where one is kept.
class DropCounter {
 public:
  explicit DropCounter(Dropped* dropped) : dropped_(dropped) {}
  void add(const char* reason, std::size_t notes = 1) {
    if (dropped_ != nullptr && notes != 0) (*dropped_)[reason] += notes;
  }

 private:
  Dropped* dropped_;
};

/// Throws DatasetError, naming the bar, where the codec refuses one.
void check_bars(const Codec& codec, const Passage& passage);
void check_length(const Codec& codec, Steps bar_length);

/// The pitched notes of a bar that lie in the codec's range, all of part 0.
std::vector<GridNote> encodable_notes(const Bar& bar, std::pair<int, int> pitch_range,
                                      DropCounter& dropped);
/// The same for all bars, with onsets from the start of the passage.
std::vector<GridNote> encodable_timeline(const Passage& passage, std::pair<int, int> pitch_range,
                                         DropCounter& dropped);

/// Sorts notes by onset and pitch, and keeps the longest of several that agree in both.
void sort_and_merge(std::vector<GridNote>& notes, DropCounter& dropped);

Steps total_length(const Passage& passage);
/// Bars of one row a step, from the rows of the whole passage.
std::vector<BarRows> split_rows(const Passage& passage, std::span<const std::uint16_t> values,
                                int width);
/// The passage's bars without notes.
Passage silent_passage(const Grid& grid, std::span<const BarRows> bars);

/// Pitch moved by `semitones`; throws DatasetError where it leaves the range.
int transposed_pitch(int pitch, int semitones, std::pair<int, int> pitch_range);

/// A bar of a set number of rows, each of which may hold anything.
class FreeGrammar : public BarGrammar {
 public:
  explicit FreeGrammar(int rows) : rows_left_(rows) {}
  void allowed(std::span<bool> mask) const override;
  void push(int token) override;
  bool finished() const override { return rows_left_ <= 0; }

 private:
  int rows_left_;
};

}  // namespace musicvae::datasets
