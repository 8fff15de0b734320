#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "datasets/codecs/codec.hpp"

/// Passages cut, joined and looked at, without a model.
namespace musicvae {

/// `music` cut into passages of `bars` bars; the last may be shorter.
std::vector<datasets::Passage> split_passages(const datasets::Passage& music, int bars);
/// Joins passages into one; the inverse of split_passages().
datasets::Passage join_passages(std::span<const datasets::Passage> passages);

/// The first `bars` bars of `music`, which has one at least and begins again wherever it ends.
datasets::Passage repeat_or_cut(const datasets::Passage& music, int bars);

/// The bars of `passage` without their notes, to be filled by a model.
datasets::Passage layout_of(const datasets::Passage& passage);
/// `bars` empty bars of one meter. Throws Error where the codec's grid or rows cannot hold it.
datasets::Passage make_layout(const datasets::Codec& codec, const midi::Meter& meter, int bars);

std::size_t note_count(const datasets::Passage& music);
/// Whether a note begins while another sounds.
bool is_polyphonic(const datasets::Passage& music);
/// Whether a note begins in any bar but those of `missing` (ascending indices).
bool has_notes_outside(const datasets::Passage& music, const std::vector<int>& missing);

}  // namespace musicvae
