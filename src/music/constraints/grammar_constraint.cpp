#include "src/music/constraints/grammar_constraint.hpp"

#include <algorithm>
#include <utility>

namespace musicvae {
namespace {

using datasets::BarRows;

/// How much the log-odds that a note begins rise with each that is due.
constexpr double kEagernessANote = 8;

/// Forbids the tokens for which `unwanted(token)` is true, unless nothing would be left.
template <class Unwanted>
void narrow(std::span<bool> mask, Unwanted unwanted) {
  const auto width = static_cast<int>(mask.size());
  bool any = false;
  for (int token = 0; token < width; ++token) any |= mask[token] && !unwanted(token);
  if (!any) return;
  for (int token = 0; token < width; ++token) mask[token] = mask[token] && !unwanted(token);
}

/// The bits of the first half of row `row`, or none past the last row.
std::vector<int> begun_in(const BarRows& bar, int row, int width) {
  std::vector<int> begun;
  if (row >= bar.rows) return begun;
  const auto* const bits = bar.values.data() + static_cast<std::size_t>(row) * width;
  for (int bit = 0; bit < width / 2; ++bit) {
    if (bits[bit] != 0) begun.push_back(bit);
  }
  return begun;
}

}  // namespace

GrammarConstraint::GrammarConstraint(const datasets::Codec& codec,
                                     std::span<const std::vector<BarRows>> layouts, int bars,
                                     std::vector<Constraints> constraints)
    : codec_(codec),
      bars_(bars),
      constraints_(std::move(constraints)),
      grammars_(layouts.size() * static_cast<std::size_t>(bars)),
      drawn_(grammars_.size()) {
  constraints_.resize(layouts.size());
  for (std::size_t song = 0; song < layouts.size(); ++song) {
    for (std::size_t bar = 0; bar < layouts[song].size(); ++bar) {
      const auto length = layouts[song][bar].length;
      const auto at = place(static_cast<std::int64_t>(song), static_cast<std::int64_t>(bar));
      grammars_[at] = codec.grammar(length);
      drawn_[at].rows_wanted = codec.max_rows(length);
      max_rows_ = std::max<std::int64_t>(max_rows_, drawn_[at].rows_wanted);
    }
  }
}

void GrammarConstraint::allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const {
  grammars_[place(song, bar)]->allowed(mask);
  const Constraints& constraints = constraints_[static_cast<std::size_t>(song)];
  if (constraints.pitches.empty()) return;
  const auto tokens = pitch_tokens();
  const int lowest = codec_.pitch_range().first;
  narrow(mask, [&, &may = constraints.pitches_at(static_cast<std::size_t>(bar))](int token) {
    return tokens.contains(token) && !may[static_cast<std::size_t>(lowest + token - tokens.first)];
  });
}

/// How many notes are to have begun by the end of each row of a bar; null where it may be any.
const std::vector<double>* GrammarConstraint::notes_due(std::int64_t song, std::int64_t bar) const {
  const auto& bars = constraints_[static_cast<std::size_t>(song)].notes_begun;
  const auto at = static_cast<std::size_t>(bar);
  return at < bars.size() && !bars[at].empty() ? &bars[at] : nullptr;
}

models::BitRule GrammarConstraint::rule(std::int64_t song, std::int64_t bar) const {
  const Constraints& constraints = constraints_[static_cast<std::size_t>(song)];
  models::BitRule rule;
  if (!constraints.pitches.empty()) {
    const auto [lowest, highest] = codec_.pitch_range();
    const auto half = static_cast<std::size_t>(highest - lowest + 1);
    const PitchSet& may = constraints.pitches_at(static_cast<std::size_t>(bar));
    for (std::size_t bit = 0; bit < 2 * half; ++bit) {
      rule.may.push_back(may[static_cast<std::size_t>(lowest) + bit % half]);
    }
  }
  if (constraints.most_sounding > 0) rule.most_sounding = constraints.most_sounding;
  if (constraints.notes_a_bar > 0) {
    const Drawn& drawn = drawn_[place(song, bar)];
    const double due = constraints.notes_a_bar * (drawn.rows + 1) / drawn.rows_wanted;
    rule.eagerness = due - drawn.notes;
  } else if (const auto* due = notes_due(song, bar)) {
    const Drawn& drawn = drawn_[place(song, bar)];
    const auto row = std::min(static_cast<std::size_t>(drawn.rows), due->size() - 1);
    rule.eagerness = kEagernessANote * ((*due)[row] - drawn.notes);
    rule.satiety = kEagernessANote;
  }
  if (const auto at = static_cast<std::size_t>(bar); at < constraints.leanings.size()) {
    const auto [lowest, highest] = codec_.pitch_range();
    const int half = highest - lowest + 1;
    for (int bit = 0; bit < 2 * half; ++bit) {
      const auto pitch_class = static_cast<std::size_t>(lowest + bit % half) % 12;
      rule.leaning.push_back(static_cast<float>(constraints.leanings[at][pitch_class]));
    }
  }
  return rule;
}

void GrammarConstraint::push(std::int64_t song, std::int64_t bar, int token) {
  grammars_[place(song, bar)]->push(token);
  ++drawn_[place(song, bar)].rows;
}

void GrammarConstraint::push_bits(std::int64_t song, std::int64_t bar,
                                  std::span<const float> bits) {
  const auto begun = bits.first(bits.size() / 2);
  drawn_[place(song, bar)].notes += static_cast<int>(
      std::count_if(begun.begin(), begun.end(), [](float bit) { return bit != 0; }));
  push(song, bar, -1);
}

bool GrammarConstraint::finished(std::int64_t song, std::int64_t bar) const {
  return grammars_[place(song, bar)]->finished();
}

RhythmConstraint::RhythmConstraint(const datasets::Codec& codec,
                                   std::span<const std::vector<BarRows>> rows, int bars,
                                   std::vector<Constraints> constraints)
    : GrammarConstraint(codec, rows, bars, std::move(constraints)), rows_(rows) {}

void RhythmConstraint::allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const {
  GrammarConstraint::allowed(song, bar, mask);
  const auto& values = kept(song, bar).values;
  const auto row = static_cast<std::size_t>(rows(song, bar));
  if (row >= values.size()) return;
  const int token = values[row];
  const auto pitches = pitch_tokens();
  if (pitches.contains(token)) {
    narrow(mask, [&](int other) { return !pitches.contains(other); });
  } else {
    narrow(mask, [&](int other) { return other != token; });
  }
}

models::BitRule RhythmConstraint::rule(std::int64_t song, std::int64_t bar) const {
  auto rule = GrammarConstraint::rule(song, bar);

  rule.fewest = rule.most =
      static_cast<std::int64_t>(begun_in(kept(song, bar), rows(song, bar), row_width()).size());
  return rule;
}

PitchConstraint::PitchConstraint(const datasets::Codec& codec,
                                 std::span<const std::vector<BarRows>> rows, int bars)
    : GrammarConstraint(codec, rows, bars),
      end_token_(codec.end_token()),
      states_(rows.size() * static_cast<std::size_t>(bars)) {
  const bool bits = codec.row_shape().kind == datasets::RowShape::Kind::kBits;
  const auto struck_in = [&](const BarRows& bar, int row) -> Struck {
    if (bits) return begun_in(bar, row, codec.row_shape().width);
    const int token = bar.values[static_cast<std::size_t>(row)];
    return pitch_tokens().contains(token) ? Struck{token} : Struck{};
  };
  for (std::size_t song = 0; song < rows.size(); ++song) {
    for (std::size_t bar = 0; bar < rows[song].size(); ++bar) {
      const BarRows& kept = rows[song][bar];
      BarState& state =
          states_[place(static_cast<std::int64_t>(song), static_cast<std::int64_t>(bar))];
      for (int row = kept.rows - 1; row >= 0; --row) {
        auto struck = struck_in(kept, row);
        if (!struck.empty()) state.left.push_back(std::move(struck));
      }
      state.most_rows = codec.max_rows(kept.length);
    }
  }
}

bool PitchConstraint::must_begin(std::int64_t song, std::int64_t bar) const {
  const BarState& state = states_[place(song, bar)];
  return !state.left.empty() &&
         state.most_rows - rows(song, bar) <= static_cast<int>(state.left.size());
}

void PitchConstraint::allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const {
  GrammarConstraint::allowed(song, bar, mask);
  const BarState& state = states_[place(song, bar)];
  const int next = state.left.empty() ? -1 : state.left.back().front();
  const bool now = must_begin(song, bar);
  const bool can_end = end_token_ >= 0 && mask[static_cast<std::size_t>(end_token_)];
  narrow(mask, [&, pitches = pitch_tokens()](int token) {
    if (pitches.contains(token)) return token != next;
    if (can_end) return (token == end_token_) == (next >= 0);
    return now;
  });
}

models::BitRule PitchConstraint::rule(std::int64_t song, std::int64_t bar) const {
  auto rule = GrammarConstraint::rule(song, bar);
  const BarState& state = states_[place(song, bar)];
  if (state.left.empty()) {
    rule.most = 0;
    return rule;
  }
  const auto half = static_cast<std::size_t>(row_width() / 2);
  rule.may.assign(2 * half, true);
  std::fill_n(rule.may.begin(), half, false);
  for (const int bit : state.left.back()) rule.may[static_cast<std::size_t>(bit)] = true;
  rule.together = true;
  rule.fewest = must_begin(song, bar) ? 1 : 0;
  return rule;
}

void PitchConstraint::push(std::int64_t song, std::int64_t bar, int token) {
  GrammarConstraint::push(song, bar, token);
  auto& left = states_[place(song, bar)].left;
  if (!left.empty() && token >= 0 && left.back().front() == token) left.pop_back();
}

void PitchConstraint::push_bits(std::int64_t song, std::int64_t bar, std::span<const float> bits) {
  GrammarConstraint::push_bits(song, bar, bits);
  auto& left = states_[place(song, bar)].left;
  if (!left.empty() && bits[static_cast<std::size_t>(left.back().front())] != 0) left.pop_back();
}

}  // namespace musicvae
