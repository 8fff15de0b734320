#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/music/musicvae.hpp"
#include "src/music/palette/attributes.hpp"
#include "src/music/palette/palette.hpp"
#include "src/studio/fields.hpp"
#include "src/studio/jobs.hpp"
#include "src/studio/pieces.hpp"

/// What the studio makes, each as the command of the same name makes it.
namespace musicvae::studio {

/// The way between two pieces, as `interpolate` has it.
struct WayRequest {
  PiecePointer a, b;
  std::string model;
  InterpolationOptions options;
  int bars = 0;  ///< Only the first bars of each; 0 is whole pieces.
};
WayRequest way_request(const Fields& fields, Pieces& pieces, const std::string& model);

/// Bars to be filled, as `inpaint` has it.
struct GapRequest {
  PiecePointer piece;
  std::string bars;
  std::string track;
  std::string keep;   ///< "rhythm", "pitches" or empty.
  std::string model;  ///< Where empty, the music decides.
  InpaintingOptions options;
  std::optional<double> temperature;
};
GapRequest gap_request(const Fields& fields, Pieces& pieces, const std::string& model);

/// Music between four pieces, as `grid` has it.
struct PaletteRequest {
  std::array<PiecePointer, kCorners> corners;
  std::string model;
  int size = 5;  ///< Cells of a row, and of a column.
  int bars = 0;  ///< 0 is as many as the longest piece has.
  bool same_key = false;
  std::vector<PalettePoint> points;  ///< One place, or a line.
  GenerationOptions generation{0.0};
};
PaletteRequest palette_request(const Fields& fields, Pieces& pieces, const std::string& model);

/// A piece with more or less of something, as `vary` has it; without a piece new music, as `sample`
/// has it.
struct SteerRequest {
  PiecePointer piece;
  std::string model;
  double similarity = 1;
  std::vector<AttributeRequest> attributes;
  std::string key;  ///< As --key takes it; empty for any.
  std::optional<double> temperature, latent_temperature;
  std::uint64_t seed = 1;
  int bars = 0;       ///< New music has so many; 0 is the model's passage.
  std::string meter;  ///< That of new music; empty is the commonest of the model's music.
  double tempo = 90;  ///< New music has so many quarters a minute.
  int program = 24;   ///< The one of new music.
};
SteerRequest steer_request(const Fields& fields, Pieces& pieces, const std::string& model);

/// Makes music with models, which are loaded when first needed. For one thread.
class Workshop {
 public:
  Workshop(Pieces& pieces, std::string device, int threads);

  /// Tells "step" {"index", "t", "piece"} for each, and "walk" {"piece"} of all, one after another.
  void make_way(const WayRequest& request, Job& job);
  /// The one piece at options.places[0].
  PiecePointer make_place(const WayRequest& request);
  /// Tells "plan" {"bars", "model", "seed", "notes"} and "take" {"index", "piece"} for each.
  void make_takes(const GapRequest& request, Job& job);
  /// Tells "cell" {"index", "x", "y", "piece"} for each, row by row.
  void make_palette(const PaletteRequest& request, Job& job);
  /// The piece at points[0], or along points, with where each of its bars stands.
  nlohmann::json make_on_palette(const PaletteRequest& request);
  /// Tells "made" {"piece", "seed", "measures", "original"}: how much of each attribute both have,
  /// in standard deviations.
  void make_steered(const SteerRequest& request, Job& job);

  void load(const std::string& model) { model_named(model); }
  const MusicVae& model_named(const std::string& name);

 private:
  struct KeptPalette {
    std::string key;
    std::vector<Source> sources;
    Palette palette;
  };
  const KeptPalette& palette_for(const PaletteRequest& request);

  Pieces& pieces_;
  std::string device_;
  std::map<std::string, MusicVae> models_;
  std::optional<KeptPalette> palette_;  // The last.
};

}  // namespace musicvae::studio
