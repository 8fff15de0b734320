#pragma once

#include <string>
#include <vector>

namespace musicvae::midi {

struct PortName {
  int number = 0;  ///< From 0, over all inputs or all outputs of the machine.
  std::string name;
};

/// The one of `ports` that a user means: by its number, by its name or a part of it in any case (a
/// whole name goes first), or, where the choice is empty, the only one there is. Throws MidiError
/// with the ports there are where none or several fit. `kind` names them there, such as "MIDI
/// output".
const PortName& choose_port(const std::vector<PortName>& ports, const std::string& choice,
                            const std::string& kind);

}  // namespace musicvae::midi
