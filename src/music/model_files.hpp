#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/grid/grid.hpp"

/// Models by name.
namespace musicvae {

/// The model in the box that encodes a piece and plays it back, fills missing bars on a grid of
/// sixteenths, and makes new music.
inline constexpr const char* kDefaultModel = "lute-folk";
/// The models in the box that fill missing bars and can keep their rhythm or pitches: in a single
/// voice, triplets as well, and in music whose notes sound together.
inline constexpr const char* kMelodyInpaintingModel = "folk-melody-inpaint";
inline constexpr const char* kPolyphonyInpaintingModel = "plucked-notes-inpaint";

/// The model in the box that fills bars of such music. `keeps` is whether their rhythm or pitches
/// are to be kept.
const char* inpainting_model_for(const datasets::Passage& music, bool keeps);

/// Folders searched for models by name: $MUSICVAE_MODELS, beside the program, where the program was
/// installed, where the library was, and the source tree it was built from.
std::vector<std::filesystem::path> model_directories();

/// The file of a model, which is given by its path or its name. Throws Error where there is none.
std::filesystem::path find_model(const std::string& path_or_name);

}  // namespace musicvae
