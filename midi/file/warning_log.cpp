#include "midi/file/warning_log.hpp"

#include <string>
#include <utility>

namespace musicvae::midi {

void WarningLog::add(std::size_t offset, std::string_view message) {
  if (strict_) throw MidiError(std::string(message), offset);
  if (++count_ <= kMaxWarnings) warnings_.push_back({offset, std::string(message)});
}

std::vector<Warning> WarningLog::take() {
  if (count_ > kMaxWarnings)
    warnings_.back().message = std::to_string(count_ - kMaxWarnings + 1) + " more warnings";
  return std::move(warnings_);
}

}  // namespace musicvae::midi
