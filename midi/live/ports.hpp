#pragma once

#include <memory>
#include <string>
#include <vector>

#include "midi/live/port.hpp"
#include "midi/live/port_choice.hpp"

/// The MIDI ports of this machine, through RtMidi. In a program built without them all of this
/// throws MidiError.
namespace musicvae::midi {

/// The live MIDI ports of one system interface that the program was built with.
struct PortList {
  std::string backend;           ///< "ALSA", "Jack", "CoreMidi", "Windows MultiMedia".
  std::vector<PortName> inputs;  ///< What one can listen to.
  std::vector<PortName> outputs;
  std::string problem;  ///< Why there are none, where the interface is not there.
};

/// Every port of every compiled backend. Never throws on a system without MIDI.
std::vector<PortList> list_ports();

/// Opens a port of this machine. `choice` is its number, a part of its name in any case (a whole
/// name goes first), "virtual:NAME" for a new port that others can connect to, or empty where there
/// is only one. Throws MidiError with what there is to choose from, and what is missing.
std::unique_ptr<MidiOutput> open_output(const std::string& choice);
std::unique_ptr<MidiInput> open_input(const std::string& choice);

}  // namespace musicvae::midi
