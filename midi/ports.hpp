#pragma once

#include <string>
#include <vector>

namespace musicvae::midi {

/// The live MIDI ports of one system interface that the program was built with.
struct PortList {
  std::string backend;              ///< "ALSA", "Jack", "CoreMidi", "Windows MultiMedia".
  std::vector<std::string> inputs;  ///< Names, in the order of their numbers.
  std::vector<std::string> outputs;
  std::string problem;  ///< Why there are none, where the interface is not there.
};

/// Every port of every compiled backend. Never throws on a system without MIDI.
std::vector<PortList> list_ports();

}  // namespace musicvae::midi
