#pragma once

#include <string>
#include <vector>

#include "src/live/controls.hpp"

namespace musicvae::commands {

/// MIDI files with much and with little of something, between which a vector leads.
struct VectorFiles {
  std::string name;
  std::vector<std::string> more;
  std::vector<std::string> less;
};

struct ControllerFile {
  ControllerMap map = default_controllers();
  std::vector<VectorFiles> vectors;     ///< In the order of ControlTarget::index.
  std::vector<std::string> attributes;  ///< Names, likewise.
};

/// A TOML file that says which controller moves what: `position`, `temperature`, `dimension-N` and
/// names of attributes are numbers of controllers; a table `[NAME]` is a vector, with `controller`
/// and the lists of files `more` and `less`. Throws UsageError naming the file and what is wrong in
/// it; whether there are such attributes is not known here.
ControllerFile read_controller_file(const std::string& path);

}  // namespace musicvae::commands
