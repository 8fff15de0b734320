#pragma once

#include <string>
#include <vector>

#include "src/live/controls.hpp"

namespace musicvae::commands {

/// MIDI files with much and with little of something.
struct AttributeFiles {
  std::string name;
  std::vector<std::string> more;
  std::vector<std::string> less;
};

struct ControllerFile {
  ControllerMap map = default_controllers();
  std::vector<AttributeFiles> attributes;  ///< In the order of ControlTarget::index.
};

/// A TOML file that says which controller moves what: `position`, `temperature` and `dimension-N`
/// are numbers of controllers; a table `[NAME]` is an attribute, with `controller` and the lists of
/// files `more` and `less`. Throws UsageError naming the file and what is wrong in it.
ControllerFile read_controller_file(const std::string& path);

}  // namespace musicvae::commands
