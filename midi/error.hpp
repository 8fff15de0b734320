#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace musicvae::midi {

/// A byte stream that cannot be music, or a port that fails. what() says what was expected and
/// where.
class MidiError : public std::runtime_error {
 public:
  explicit MidiError(const std::string& message) : std::runtime_error(message) {}
  MidiError(const std::string& message, std::size_t offset)
      : std::runtime_error(message + " (byte " + std::to_string(offset) + ")") {}
};

}  // namespace musicvae::midi
