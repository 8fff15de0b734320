#include "midi/orchestra.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "midi/event_order.hpp"

namespace musicvae::midi {
namespace {

constexpr std::uint8_t kBankMsb = 0;
constexpr std::uint8_t kBankLsb = 32;

/// The standards in which banks differ in meaning; the one a file last asked for holds.
enum class Standard { kGeneralMidi, kGs, kXg };

/// What a system exclusive message asks for.
struct PartMode {
  std::uint8_t channel = 0;
  bool drums = false;
};

struct ChannelState {
  std::uint8_t bank_msb = 0;  // For the next program.
  std::uint8_t bank_lsb = 0;
  bool bank_chosen = false;
  ProgramChange program;
  bool program_in_bank = false;  // A bank was chosen before the program.
  bool program_sounds = false;   // A note has sounded with it.
  std::optional<bool> part_mode;
};

struct PortState {
  Standard standard = Standard::kGeneralMidi;
  std::array<ChannelState, 16> channels;
};

struct TrackState {
  std::uint8_t port = 0;
  std::optional<std::uint8_t> prefix;
  std::string name;
};

bool is_drums(const PortState& port, std::uint8_t channel) {
  const ChannelState& state = port.channels[channel];
  if (state.part_mode) return *state.part_mode;
  const bool usual = channel == kDrumChannel;
  if (!state.program_in_bank || port.standard == Standard::kGs) return usual;
  const std::uint8_t bank = state.program.bank_msb;
  if (bank == 126 || bank == 127) return true;
  if (port.standard == Standard::kXg) return false;
  return bank == 120 || (usual && bank != 121);
}

std::uint8_t byte_at(std::string_view data, std::size_t index) {
  return static_cast<std::uint8_t>(data[index]);
}

/// Whether `data` has these bytes at its beginning; a negative one stands for any.
bool begins_with(std::string_view data, std::initializer_list<int> bytes) {
  return data.size() >= bytes.size() &&
         std::equal(bytes.begin(), bytes.end(), data.begin(), [](int expected, char found) {
           return expected < 0 || expected == static_cast<std::uint8_t>(found);
         });
}

/// The standard to which a message resets all channels.
std::optional<Standard> reset_of(std::string_view data) {
  if (begins_with(data, {0x7E, -1, 0x09, 0x01}) || begins_with(data, {0x7E, -1, 0x09, 0x03}))
    return Standard::kGeneralMidi;
  if (begins_with(data, {0x41, -1, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00})) return Standard::kGs;
  if (begins_with(data, {0x43, -1, 0x4C, 0x00, 0x00, 0x7E, 0x00})) return Standard::kXg;
  return std::nullopt;
}

/// GS numbers the parts of channels 1 to 16 as 1 to 9, 0 and 10 to 15.
std::uint8_t channel_of_gs_part(int part) {
  if (part == 0) return kDrumChannel;
  return static_cast<std::uint8_t>(part <= kDrumChannel ? part - 1 : part);
}

std::optional<PartMode> part_mode_of(std::string_view data) {
  const bool gs = begins_with(data, {0x41, -1, 0x42, 0x12, 0x40, -1, 0x15, -1});
  if (gs && (byte_at(data, 5) & 0xF0) == 0x10)
    return PartMode{channel_of_gs_part(byte_at(data, 5) & 0x0F), byte_at(data, 7) != 0};
  if (begins_with(data, {0x43, -1, 0x4C, 0x08, -1, 0x07, -1}) && byte_at(data, 4) < 16)
    return PartMode{byte_at(data, 4), byte_at(data, 6) != 0};
  return std::nullopt;
}

/// Follows a score's events in their order.
class OrchestraFinder {
 public:
  explicit OrchestraFinder(const Score& score) : score_(score), tracks_(score.tracks.size()) {}

  Orchestra find() {
    for (const EventRef& event : merge_events(score_.tracks)) follow(event);
    Orchestra orchestra;
    for (auto& [place, voice] : voices_) {
      voice.name = name_of(voice);
      orchestra.voices.push_back(voice);
    }
    orchestra.programs = std::move(programs_);
    return orchestra;
  }

 private:
  using Channel = std::pair<std::size_t, std::uint8_t>;  // Of a track, or of a port.

  void follow(const EventRef& event) {
    const Track& track = score_.tracks[event.track];
    TrackState& state = tracks_[event.track];
    if (event.kind == EventKind::kMeta) return follow(track.metas[event.index], event.track);
    if (event.kind == EventKind::kSysEx)
      return follow(track.sysex[event.index], ports_[state.port]);
    state.prefix.reset();
    if (event.kind == EventKind::kMessage)
      follow(track.messages[event.index], ports_[state.port]);
    else if (event.kind == EventKind::kNoteStart)
      sound(track.notes[event.index], event.track);
  }

  void follow(const MetaEvent& event, std::size_t track) {
    TrackState& state = tracks_[track];
    if (event.data.empty()) return;
    const std::uint8_t first = byte_at(event.data, 0);
    if (event.type == kPort) state.port = first;
    if (event.type == kChannelPrefix && first < 16) state.prefix = first;
    const bool is_name = event.type == kTrackName || event.type == kInstrumentName;
    if (is_name && state.prefix) {
      by_track_[{track, *state.prefix}].emplace(event.type, event.data);
      by_port_[{state.port, *state.prefix}].emplace(event.type, event.data);
    } else if (event.type == kTrackName && state.name.empty()) {
      state.name = event.data;
    }
  }

  static void follow(const SysEx& sysex, PortState& port) {
    if (const auto standard = reset_of(sysex.data)) port = {*standard, {}};
    if (const auto mode = part_mode_of(sysex.data))
      port.channels[mode->channel].part_mode = mode->drums;
  }

  static void follow(const ChannelMessage& message, PortState& port) {
    ChannelState& state = port.channels[message.channel()];
    const auto [first, second] = message.data;
    if (message.is_program_change()) {
      state.program = {{}, 0, message.channel(), first, state.bank_msb, state.bank_lsb};
      state.program_in_bank = state.bank_chosen;
      state.program_sounds = false;
    } else if ((message.status & 0xF0) == 0xB0 && first == kBankMsb) {
      state.bank_msb = second;
      state.bank_chosen = true;
    } else if ((message.status & 0xF0) == 0xB0 && first == kBankLsb) {
      state.bank_lsb = second;
    }
  }

  void sound(const Note& note, std::size_t track) {
    const std::uint8_t number = tracks_[track].port;
    const auto channel = static_cast<std::uint8_t>(note.channel & 15);
    PortState& port = ports_[number];
    ChannelState& state = port.channels[channel];
    const Voice voice{track, number, channel, state.program.program, is_drums(port, channel), ""};
    voices_.emplace(Channel(track, channel), voice);
    if (std::exchange(state.program_sounds, true)) return;
    programs_.push_back(state.program);
    programs_.back().time = note.onset;
    programs_.back().port = number;
    programs_.back().channel = channel;
  }

  std::string name_of(const Voice& voice) const {
    const auto own = by_track_.find({voice.track, voice.channel});
    if (own != by_track_.end()) return own->second.begin()->second;
    if (!tracks_[voice.track].name.empty()) return tracks_[voice.track].name;
    const auto shared = by_port_.find({voice.port, voice.channel});
    return shared != by_port_.end() ? shared->second.begin()->second : "";
  }

  const Score& score_;
  std::vector<TrackState> tracks_;
  std::map<std::uint8_t, PortState> ports_;
  std::map<Channel, Voice> voices_;
  std::map<Channel, std::map<std::uint8_t, std::string>> by_track_;  // Names by their meta type.
  std::map<Channel, std::map<std::uint8_t, std::string>> by_port_;
  std::vector<ProgramChange> programs_;
};

}  // namespace

Orchestra find_orchestra(const Score& score) { return OrchestraFinder(score).find(); }

}  // namespace musicvae::midi
