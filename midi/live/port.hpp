#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "midi/error.hpp"
#include "midi/live/message.hpp"

/// Live MIDI as the rest of the program knows it; midi/live/ports.hpp opens what is real.
namespace musicvae::midi {

/// Where messages go. send() is for one thread at a time; check() may run beside it.
class MidiOutput {
 public:
  virtual ~MidiOutput() = default;

  virtual std::string name() const = 0;
  /// Sends at once, without allocating. Throws MidiError where the port is known to be gone.
  virtual void send(const ShortMessage& message) = 0;
  /// Sends a whole system exclusive message, from 0xF0 to 0xF7. Throws as send() does.
  virtual void send_exclusive(std::string_view message) = 0;
  /// Looks whether the port is still there, which may take milliseconds: not for the thread that
  /// plays. Throws MidiError where it is gone, and lets send() know.
  virtual void check() {}
  /// Returns once what was sent has left the program.
  virtual void flush() {}
};

/// What an input could not hand on.
struct InputLosses {
  std::size_t system_exclusive = 0;  ///< System exclusive messages, which are of no use here.
  std::size_t broken = 0;            ///< Bytes that belong to no message.
  std::size_t overflowed = 0;        ///< Messages that came while the queue was full.
};

/// Where messages come from.
class MidiInput {
 public:
  virtual ~MidiInput() = default;

  virtual std::string name() const = 0;
  /// The oldest message not yet taken; never waits.
  virtual std::optional<TimedMessage> receive() = 0;
  /// As MidiOutput::check().
  virtual void check() {}
  virtual InputLosses losses() const { return {}; }
};

}  // namespace musicvae::midi
