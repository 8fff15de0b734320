#pragma once

#include <string>

#include "src/commands/making/origin.hpp"
#include "src/commands/making/showing.hpp"
#include "src/commands/options/common.hpp"
#include "src/music/filling/filling.hpp"

namespace musicvae::commands {

/// Where fills come from and go to.
struct FillFiles {
  std::string input;   ///< As the user named it.
  std::string output;  ///< A file, a folder where there are several fills, or "-".
  std::string model;   ///< As the user named it, or the default.
  ShowRequest show = {};
};

/// Throws UsageError where so many fills cannot go to `output`.
void check_fill_output(const std::string& output, const InpaintingOptions& inpainting,
                       const CommonOptions& common);

/// Makes fills, writes each as soon as it is made, with its `origin`, and tells of them.
void write_fills(const FillFiles& files, const CommonOptions& common, const MusicVae& model,
                 const FillTask& task, const InpaintingOptions& inpainting, Origin origin,
                 const ReviseFill& revise = {});

}  // namespace musicvae::commands
