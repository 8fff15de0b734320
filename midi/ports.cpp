#include "midi/ports.hpp"

#include <RtMidi.h>
#include <filesystem>
#include <memory>

namespace musicvae::midi {
namespace {

constexpr const char* kClientName = "musicvae";

std::vector<std::string> names_of(RtMidi& client) {
  std::vector<std::string> names;
  const unsigned int count = client.getPortCount();
  for (unsigned int i = 0; i < count; ++i) names.push_back(client.getPortName(i));
  return names;
}

/// RtMidi prints to standard error before it fails: what is known to be missing is not tried.
std::string known_problem(RtMidi::Api api) {
  if (api == RtMidi::LINUX_ALSA && !std::filesystem::exists("/dev/snd/seq")) {
    return "no /dev/snd/seq: the ALSA sequencer (kernel module snd-seq) is not there";
  }
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
