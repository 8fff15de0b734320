#pragma once

#include <array>
#include <span>
#include <vector>

#include "src/music/musicvae.hpp"

/// Music between four pieces, as colours on a palette.
namespace musicvae {

/// A place on the square whose corners are the pieces: A at (0, 0), B at (1, 0), C at (0, 1) and D
/// at (1, 1).
struct PalettePoint {
  double x = 0;
  double y = 0;

  bool operator==(const PalettePoint&) const = default;
};

/// Music that was made on a palette.
struct PaletteMusic {
  datasets::Passage music;
  std::vector<PalettePoint> places;  ///< Where each bar stands.
};

inline constexpr std::size_t kCorners = 4;

/// How much each corner counts at a place; the sum is 1.
std::array<double, kCorners> corner_weights(const PalettePoint& place);
/// The corner that counts most; among equals the last, as in a walk from A to B.
std::size_t nearest_corner(const PalettePoint& place);

/// Places on a line through `points` (two at least) at equal distances, from its start to its end.
std::vector<PalettePoint> along(std::span<const PalettePoint> points, std::size_t count);

/// Four pieces in latent space. A place's latent is slerped between A and B, between C and D, and
/// between both, at the same bar of each piece; a piece that is shorter than others begins again.
///
/// Where bars have latents, slerp leaves a piece slowly and changes fast half-way, so that most
/// places would sound like corners. There, places are spread (on unseen pieces) so that equal steps
/// change equally many notes.
class Palette {
 public:
  /// What the codec could not say of the pieces is added to `dropped`. Throws Error where a piece
  /// has no bars.
  Palette(const MusicVae& model, const std::array<datasets::Passage, kCorners>& pieces,
          datasets::Dropped* dropped = nullptr);

  /// Music at one place.
  PaletteMusic at(const PalettePoint& place, const GenerationOptions& options) const;
  /// One piece that goes along the line through `points`, bar by bar (or passage by passage). Where
  /// all pieces have one voice it has one too.
  PaletteMusic along_path(std::span<const PalettePoint> points,
                          const GenerationOptions& options) const;

 private:
  /// A piece, cut into what each of its latents stands for.
  struct Corner {
    std::vector<datasets::Passage> parts;
    std::vector<Latent> latents;
    std::vector<NotesBegun> begun;  // In each part.
  };

  std::size_t latents() const;
  Latent latent(std::size_t index, const PalettePoint& place) const;
  const datasets::Passage& layout(std::size_t index, const PalettePoint& place) const;
  NotesBegun begun(std::size_t index, const PalettePoint& place) const;
  PaletteMusic made(const std::vector<PalettePoint>& places,
                    const GenerationOptions& options) const;

  MusicVae model_;
  std::array<Corner, kCorners> corners_;
  std::array<PitchClasses, kCorners> classes_;  // The shares in each.
  bool one_voice_ = false;
};

/// What stands in the corners of a palette: the first `bars` bars of `sources`, which begin again
/// where they are shorter; all where it is 0. With `same_key`, B, C and D are moved to the key of A
/// and to its register, and say so. Throws Error where require_notes() does.
std::vector<Source> palette_sources(std::vector<Source> sources, int bars, bool same_key,
                                    const datasets::Codec& codec);

/// The score of music on a palette between `sources`. Each bar has the parts, programs and keys of
/// the corner that it is nearest to, and the tempo of all, weighted, in quarters a minute.
midi::Score score_of_palette(const PaletteMusic& made, std::span<const Source, kCorners> sources);

/// Several in sequence. A marker at the start of each says where it stands.
midi::Score join_palette(std::span<const PaletteMusic> made,
                         std::span<const Source, kCorners> sources);

}  // namespace musicvae
