#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "src/music/bar_lines.hpp"
#include "src/music/filling/selection.hpp"
#include "src/music/musicvae.hpp"

/// Bars of a file filled, and everything else in it kept: what `inpaint` does.
namespace musicvae {

/// As FillRequest::track, every pitched part.
inline constexpr const char* kAllTracks = "all";

/// What is to be filled.
struct FillRequest {
  BarSelection bars;
  std::string track;  ///< A part's name or number, or kAllTracks. Where empty, all pitched parts
                      ///< but chords beneath a tune.
  std::string text_encoding = midi::kGuessedEncoding;  ///< The one of parts' names.
};

/// A piece and what is to be filled in it.
struct FillTask {
  Source source;
  std::vector<std::uint16_t> parts;
  datasets::Passage music;   ///< What these parts play.
  std::vector<int> missing;  ///< Indices of bars.
  std::vector<BarStretch> places;

  /// Pitched parts that are left as they are.
  std::vector<std::uint16_t> parts_left() const;
  /// Whether music around the gap decides what is written there.
  bool has_context() const { return has_notes_outside(music, missing); }
  /// Whether a note begins in the bars to fill.
  bool has_notes_inside() const;
};

/// Throws Error where the piece has no such bars or parts, or no pitched notes.
FillTask make_fill_task(const FillRequest& request, Source source);

/// The same for bars by their indices, ascending; `request.bars` says nothing then.
FillTask make_fill_task(const FillRequest& request, Source source, std::vector<int> missing);

/// The model in the box for what is to be filled in `file`, which was read from `path`.
std::string default_filling_model(const FillRequest& request, const std::string& path,
                                  const midi::ReadResult& file,
                                  const datasets::QuantizeOptions& quantizing = {});

/// Throws Error where `model` cannot do `task`.
void check_filling(const MusicVae& model, const FillTask& task, Keep keep);

/// Gets a fill as soon as it is made. Gives false where no more are wanted.
using TakeFill = std::function<bool(const datasets::Splice&)>;

/// Changes what was made of all bars before the missing ones are written. Others are left as they
/// are, whatever it makes of them.
using ReviseFill = std::function<datasets::Passage(datasets::Passage)>;

/// Makes as many fills as `options` asks for. Where nothing is known around the gap and nothing is
/// to be kept, they are samples. What the model does not see is added to `dropped`.
void make_fills(const MusicVae& model, const FillTask& task, const InpaintingOptions& options,
                datasets::Dropped* dropped, const TakeFill& take, const ReviseFill& revise = {});

}  // namespace musicvae
