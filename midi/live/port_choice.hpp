#pragma once

#include <string>
#include <vector>

namespace musicvae::midi {

struct PortName {
  int number = 0;  ///< Among all inputs, or all outputs, of the machine; from 0.
  std::string name;
};

/// Which of `ports` (a kind, such as "MIDI output") a user means: by number, by a part of the name
/// in any case, a whole name first, or, where the choice is empty, the only one. Throws MidiError
/// with the ports there are where none or several fit.
const PortName& choose_port(const std::vector<PortName>& ports, const std::string& choice,
                            const std::string& kind);

}  // namespace musicvae::midi
