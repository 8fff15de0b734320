#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "midi/file/reader.hpp"

namespace musicvae::midi {

/// Collects what a reader had to forgive, or throws it at once in strict mode.
class WarningLog {
 public:
  explicit WarningLog(bool strict) : strict_(strict) {}

  void add(std::size_t offset, std::string_view message);
  /// At most kMaxWarnings, in the order of the file; the last then says how many more there were.
  std::vector<Warning> take();

 private:
  bool strict_;
  std::size_t count_ = 0;
  std::vector<Warning> warnings_;
};

}  // namespace musicvae::midi
