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
/// The model in the box that fills missing bars of a single voice off the sixteenths, such as
/// triplets.
inline constexpr const char* kMelodyInpaintingModel = "folk-melody-inpaint";

/// The model in the box that fills bars of such music.
const char* inpainting_model_for(const datasets::Passage& music);

/// Folders searched for models by name: $MUSICVAE_MODELS, beside the program, where the program was
/// installed, where the library was, and the source tree it was built from.
std::vector<std::filesystem::path> model_directories();

/// The file of a model, which is given by its path or its name. Throws Error where there is none.
std::filesystem::path find_model(const std::string& path_or_name);

}  // namespace musicvae
