#include "src/music/grammar_constraint.hpp"

#include <algorithm>

namespace musicvae {
namespace {

using datasets::BarRows;

/// Forbids the tokens for which `unwanted(token)` is true, unless nothing would be left.
template <class Unwanted>
void narrow(std::span<bool> mask, Unwanted unwanted) {
  const auto width = static_cast<int>(mask.size());
  bool any = false;
  for (int token = 0; token < width; ++token) any |= mask[token] && !unwanted(token);
  if (!any) return;
  for (int token = 0; token < width; ++token) mask[token] = mask[token] && !unwanted(token);
}

}  // namespace

GrammarConstraint::GrammarConstraint(const datasets::Codec& codec,
                                     std::span<const std::vector<BarRows>> layouts, int bars)
    : bars_(bars), grammars_(layouts.size() * static_cast<std::size_t>(bars)) {
  for (std::size_t song = 0; song < layouts.size(); ++song) {
    const auto& song_bars = layouts[song];
    for (std::size_t bar = 0; bar < song_bars.size(); ++bar) {
      const auto length = song_bars[bar].length;
      grammars_[song * static_cast<std::size_t>(bars) + bar] = codec.grammar(length);
      max_rows_ = std::max<std::int64_t>(max_rows_, codec.max_rows(length));
    }
  }
}

void GrammarConstraint::allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const {
  at(song, bar).allowed(mask);
}

void GrammarConstraint::push(std::int64_t song, std::int64_t bar, int token) {
  at(song, bar).push(token);
}

bool GrammarConstraint::finished(std::int64_t song, std::int64_t bar) const {
  return at(song, bar).finished();
}

RhythmConstraint::RhythmConstraint(const datasets::Codec& codec,
                                   std::span<const std::vector<BarRows>> rows, int bars)
    : GrammarConstraint(codec, rows, bars),
      pitches_(codec.pitch_tokens()),
      rows_(rows),
      bars_(bars),
      drawn_(rows.size() * static_cast<std::size_t>(bars)) {}

void RhythmConstraint::allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const {
  GrammarConstraint::allowed(song, bar, mask);
  const auto& kept = rows_[static_cast<std::size_t>(song)][static_cast<std::size_t>(bar)].values;
  const auto row = static_cast<std::size_t>(drawn_[static_cast<std::size_t>(song * bars_ + bar)]);
  if (row >= kept.size()) return;
  const int token = kept[row];
  if (pitches_.contains(token)) {
    narrow(mask, [&](int other) { return !pitches_.contains(other); });
  } else {
    narrow(mask, [&](int other) { return other != token; });
  }
}

void RhythmConstraint::push(std::int64_t song, std::int64_t bar, int token) {
  GrammarConstraint::push(song, bar, token);
  ++drawn_[static_cast<std::size_t>(song * bars_ + bar)];
}

PitchConstraint::PitchConstraint(const datasets::Codec& codec,
                                 std::span<const std::vector<BarRows>> rows, int bars)
    : GrammarConstraint(codec, rows, bars),
      pitches_(codec.pitch_tokens()),
      end_token_(codec.end_token()),
      bars_(bars),
      states_(rows.size() * static_cast<std::size_t>(bars)) {
  for (std::size_t song = 0; song < rows.size(); ++song) {
    for (std::size_t bar = 0; bar < rows[song].size(); ++bar) {
      const BarRows& kept = rows[song][bar];
      BarState& state = at(static_cast<std::int64_t>(song), static_cast<std::int64_t>(bar));
      std::copy_if(kept.values.rbegin(), kept.values.rend(), std::back_inserter(state.left),
                   [&](int token) { return pitches_.contains(token); });
      state.rows_left = codec.max_rows(kept.length);
    }
  }
}

void PitchConstraint::allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const {
  GrammarConstraint::allowed(song, bar, mask);
  const BarState& state = at(song, bar);
  const int next = state.left.empty() ? -1 : state.left.back();
  const bool now = next >= 0 && state.rows_left <= static_cast<int>(state.left.size());
  const bool can_end = end_token_ >= 0 && mask[static_cast<std::size_t>(end_token_)];
  narrow(mask, [&](int token) {
    if (pitches_.contains(token)) return token != next;
    if (can_end) return (token == end_token_) == (next >= 0);
    return now;
  });
}

void PitchConstraint::push(std::int64_t song, std::int64_t bar, int token) {
  GrammarConstraint::push(song, bar, token);
  BarState& state = at(song, bar);
  --state.rows_left;
  if (!state.left.empty() && state.left.back() == token) state.left.pop_back();
}

}  // namespace musicvae
