#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "midi/live/message.hpp"

namespace musicvae::midi {

/// Makes messages of the bytes of a MIDI 1.0 stream, whatever they are. Running status goes on, and
/// real-time messages may stand anywhere. System exclusive messages are left out and bytes that
/// belong to no message are skipped; both are counted.
class MessageDecoder {
 public:
  /// The message that `byte` completes.
  std::optional<ShortMessage> add(std::uint8_t byte);

  std::size_t system_exclusive() const { return system_exclusive_; }  ///< Messages begun.
  std::size_t broken() const { return broken_; }  ///< Bytes that belong to no message.

 private:
  std::optional<ShortMessage> begin(std::uint8_t status);
  std::optional<ShortMessage> go_on(std::uint8_t data);

  ShortMessage message_;      // As far as it has come; size 0 between messages.
  std::uint8_t running_ = 0;  // Status that data bytes resume; 0 for none.
  bool in_system_exclusive_ = false;
  std::size_t system_exclusive_ = 0;
  std::size_t broken_ = 0;
};

}  // namespace musicvae::midi
