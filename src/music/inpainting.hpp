#pragma once

#include <vector>

#include "src/music/generation.hpp"

namespace musicvae {

/// What stays of the music that stands in a gap, as a guide to what replaces it.
enum class Keep {
  kNothing,
  kRhythm,   ///< When notes start and end; pitches are new.
  kPitches,  ///< Each bar's pitches in their order; when they sound is new.
};

struct InpaintingOptions {
  GenerationOptions generation;
  int alternatives = 1;
  int candidates = 8;  ///< Drawn for each alternative; kept is the one that the model finds
                       ///< likeliest together with the bars that follow (at the end, those before).
  Keep keep = Keep::kNothing;
};

/// `music` with the bars `missing` (ascending indices, at least one) filled so that they belong to
/// the others: one passage an alternative. Known bars are as the codec says them; what it could not
/// say of them is added to `dropped`.
///
/// A gap longer than half the model's passage is filled part by part, each part seeing those before
/// it. Throws Error where the model cannot inpaint, or `missing` names a bar that is not there.
std::vector<datasets::Passage> inpaint(const MusicModel& model, const datasets::Passage& music,
                                       const std::vector<int>& missing,
                                       const InpaintingOptions& options,
                                       datasets::Dropped* dropped = nullptr);

/// The same in rows, of B pieces at once, each with the same number of bars (at most the model's)
/// and the same bars missing: one fill a piece and alternative, piece by piece, all their bars.
std::vector<std::vector<datasets::BarRows>> inpaint_rows(
    const MusicModel& model, std::span<const std::vector<datasets::BarRows>> pieces,
    const std::vector<int>& missing, const InpaintingOptions& options);

}  // namespace musicvae
