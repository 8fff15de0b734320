#pragma once

#include <map>
#include <optional>
#include <string>

#include "src/music/musicvae.hpp"
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

  void load(const std::string& model) { model_named(model); }

 private:
  const MusicVae& model_named(const std::string& name);

  Pieces& pieces_;
  std::string device_;
  std::map<std::string, MusicVae> models_;
};

}  // namespace musicvae::studio
