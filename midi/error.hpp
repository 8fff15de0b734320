#pragma once

#include <cstdint>
#include <string>

#include "src/base/error.hpp"

namespace musicvae::midi {

/// A byte stream that cannot be music, or a port that fails. what() says what was expected and
/// where.
class MidiError : public Error {
 public:
  using Error::Error;
  MidiError(const std::string& message, std::size_t offset)
      : Error(message + " (byte " + std::to_string(offset) + ")") {}
};

}  // namespace musicvae::midi
