#include "midi/orchestra.hpp"

#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "midi/event_order.hpp"
#include "midi/part_mode.hpp"

namespace musicvae::midi {
namespace {

constexpr std::uint8_t kBankMsb = 0;
constexpr std::uint8_t kBankLsb = 32;

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
  Standard standard = Standard::kGeneralMidi;  // The last one that the file asked for.
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
  if (!state.program_in_bank) return channel == kDrumChannel;
  return bank_has_drums(port.standard, channel, state.program.bank_msb);
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
  using PortChannel = std::pair<std::uint8_t, std::uint8_t>;
  using TrackChannel = std::tuple<std::size_t, std::uint8_t, std::uint8_t>;  // On a port.

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
    const auto first = static_cast<std::uint8_t>(event.data[0]);
    if (event.type == kPort) state.port = first;
    if (event.type == kChannelPrefix && first < 16) state.prefix = first;
    const bool is_name = event.type == kTrackName || event.type == kInstrumentName;
    if (is_name && state.prefix) {
      by_track_[{track, state.port, *state.prefix}].emplace(event.type, event.data);
      by_port_[{state.port, *state.prefix}].emplace(event.type, event.data);
    } else if (event.type == kTrackName && state.name.empty()) {
      state.name = event.data;
    }
  }

  static void follow(const SysEx& sysex, PortState& port) {
    if (const auto standard = decode_reset(sysex.data)) port = {*standard, {}};
    if (const auto mode = decode_part_mode(sysex.data))
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
    voices_.emplace(TrackChannel(track, number, channel), voice);
    if (std::exchange(state.program_sounds, true)) return;
    programs_.push_back(state.program);
    programs_.back().time = note.onset;
    programs_.back().port = number;
    programs_.back().channel = channel;
  }

  std::string name_of(const Voice& voice) const {
    const auto own = by_track_.find({voice.track, voice.port, voice.channel});
    if (own != by_track_.end()) return own->second.begin()->second;
    if (!tracks_[voice.track].name.empty()) return tracks_[voice.track].name;
    const auto shared = by_port_.find({voice.port, voice.channel});
    return shared != by_port_.end() ? shared->second.begin()->second : "";
  }

  const Score& score_;
  std::vector<TrackState> tracks_;
  std::map<std::uint8_t, PortState> ports_;
  std::map<TrackChannel, Voice> voices_;
  // Names by their meta type.
  std::map<TrackChannel, std::map<std::uint8_t, std::string>> by_track_;
  std::map<PortChannel, std::map<std::uint8_t, std::string>> by_port_;
  std::vector<ProgramChange> programs_;
};

}  // namespace

Orchestra find_orchestra(const Score& score) { return OrchestraFinder(score).find(); }

}  // namespace musicvae::midi
