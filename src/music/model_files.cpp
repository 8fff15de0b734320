#include "src/music/model_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/base/error.hpp"
#include "src/base/text.hpp"
#include "src/music/passages.hpp"

namespace musicvae {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelExtension = ".safetensors";

fs::path program_folder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

bool begins_on_sixteenths(const datasets::Passage& music) {
  const int quarter = music.grid.steps_per_quarter;
  return std::all_of(music.bars.begin(), music.bars.end(), [&](const datasets::Bar& bar) {
    return std::all_of(bar.notes.begin(), bar.notes.end(), [&](const datasets::GridNote& note) {
      return note.onset.count * 4 % quarter == 0;
    });
  });
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const fs::path& folder : model_directories()) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
      if (entry.path().extension() == kModelExtension) names.push_back(entry.path().stem());
    }
  }
  return names;
}

}  // namespace

const char* inpainting_model_for(const datasets::Passage& music) {
  const bool needs_ticks = !is_polyphonic(music) && !begins_on_sixteenths(music);
  return needs_ticks ? kMelodyInpaintingModel : kDefaultModel;
}

std::vector<fs::path> model_directories() {
  std::vector<fs::path> folders;
  if (const char* set = std::getenv("MUSICVAE_MODELS")) folders.emplace_back(set);
  const fs::path program = program_folder();
  folders.push_back(program / "models");
  folders.push_back(program.parent_path() / "share/musicvae/models");
  // The library's own folder comes last, unless it is one of these already.
  const fs::path installed = MUSICVAE_INSTALLED_MODELS;
  if (std::find(folders.begin(), folders.end(), installed) == folders.end()) {
    folders.push_back(installed);
  }
  folders.emplace_back(MUSICVAE_SOURCE_DIR "/models/bundled");
  return folders;
}

fs::path find_model(const std::string& path_or_name) {
  if (fs::exists(path_or_name)) return path_or_name;
  const bool is_name = path_or_name.find('/') == std::string::npos;
  if (is_name) {
    for (const fs::path& folder : model_directories()) {
      const fs::path candidate = folder / (path_or_name + kModelExtension);
      if (fs::exists(candidate)) return candidate;
    }
  }
  throw Error("no model file '" + path_or_name + "'" +
              (is_name ? " and no model of that name; " +
                             did_you_mean(path_or_name, model_names(),
                                          "`musicvae models` lists those at hand")
                       : ""));
}

}  // namespace musicvae
