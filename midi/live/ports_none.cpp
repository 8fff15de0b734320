#include "midi/error.hpp"
#include "midi/live/ports.hpp"

namespace musicvae::midi {
namespace {

[[noreturn]] void refuse() {
  throw MidiError(
      "this musicvae was built without live MIDI ports; install RtMidi (apt install librtmidi-dev "
      "libjack-jackd2-dev) and build it with -DMUSICVAE_PORTS=ON");
}

}  // namespace

std::vector<PortList> list_ports() { refuse(); }

std::unique_ptr<MidiOutput> open_output(const std::string&) { refuse(); }

std::unique_ptr<MidiInput> open_input(const std::string&) { refuse(); }

}  // namespace musicvae::midi
