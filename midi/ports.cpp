#include "midi/ports.hpp"

#include <RtMidi.h>
#include <cerrno>
#include <system_error>
#include <unistd.h>
#ifdef MUSICVAE_JACK
#include <jack/jack.h>
#endif

namespace musicvae::midi {
namespace {

constexpr const char* kClientName = "musicvae";

std::vector<std::string> names_of(RtMidi& client) {
  std::vector<std::string> names;
  const unsigned int count = client.getPortCount();
  for (unsigned int i = 0; i < count; ++i) names.push_back(client.getPortName(i));
  return names;
}

#ifdef MUSICVAE_JACK
/// Asks without starting one. What libjack would print is in the answer.
bool has_jack_server() {
  const auto ignore = [](const char*) {};
  jack_set_error_function(ignore);
  jack_set_info_function(ignore);
  jack_client_t* const client = jack_client_open(kClientName, JackNoStartServer, nullptr);
  return client != nullptr && jack_client_close(client) == 0;
}
#else
bool has_jack_server() { return true; }  // Not known: RtMidi finds out.
#endif

/// RtMidi prints to standard error before it fails: what is known to be missing is not tried.
std::string known_problem(RtMidi::Api api) {
  if (api == RtMidi::LINUX_ALSA && ::access("/dev/snd/seq", R_OK | W_OK) != 0) {
    return "/dev/snd/seq: " + std::generic_category().message(errno) +
           "; the ALSA sequencer is the kernel module snd-seq, open to the group audio";
  }
  if (api == RtMidi::UNIX_JACK && !has_jack_server()) return "no JACK server is running";
  return {};
}

PortList list_backend(RtMidi::Api api) {
  PortList list;
  list.backend = RtMidi::getApiDisplayName(api);
  list.problem = known_problem(api);
  if (!list.problem.empty()) return list;
  try {
    // A collecting callback keeps RtMidi from printing warnings itself.
    const auto collect = [](RtMidiError::Type, const std::string& text, void* problem) {
      *static_cast<std::string*>(problem) = text;
    };
    RtMidiIn input(api, kClientName);
    input.setErrorCallback(collect, &list.problem);
    list.inputs = names_of(input);
    RtMidiOut output(api, kClientName);
    output.setErrorCallback(collect, &list.problem);
    list.outputs = names_of(output);
  } catch (const RtMidiError& error) {
    list.problem = error.getMessage();
  }
  return list;
}

}  // namespace

std::vector<PortList> list_ports() {
  std::vector<RtMidi::Api> apis;
  RtMidi::getCompiledApi(apis);
  std::vector<PortList> lists;
  for (const RtMidi::Api api : apis) {
    if (api != RtMidi::RTMIDI_DUMMY) lists.push_back(list_backend(api));
  }
  return lists;
}

}  // namespace musicvae::midi
