#include "midi/live/playback.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "midi/error.hpp"
#include "midi/event_order.hpp"
#include "midi/live/one_port.hpp"
#include "midi/part_mode.hpp"

namespace musicvae::midi {
namespace {

constexpr int kBankMsb = 0;
constexpr int kBankLsb = 32;
constexpr int kClocksPerSixteenth = kClocksPerQuarter / 4;
constexpr std::int64_t kMaxSongPosition = 0x3FFF;
/// Two days at 120 quarters a minute; a longer file is damaged.
constexpr std::int64_t kMaxClocks = 10'000'000;

/// The order of what happens at one time.
enum class Rank { kDevice, kInForce, kTransport, kMusic, kEnd };

struct Event {
  double time;
  Rank rank;
  ShortMessage message;
  std::string exclusive{};
};

/// How long devices are deaf after a reset; makers ask for 50 ms.
constexpr double kResetSeconds = 0.06;

/// A SysEx event as it goes over a wire; nothing if it is a part of a message, or an escape.
std::string to_exclusive(const SysEx& event) {
  if (event.status != 0xF0 || event.data.empty() || event.data.back() != '\xF7') return {};
  const bool plain = std::all_of(event.data.begin(), event.data.end() - 1,
                                 [](char byte) { return (byte & 0x80) == 0; });
  return plain ? '\xF0' + event.data : std::string();
}

/// Moves what follows a reset, so that the device hears it. Gives the time that this adds.
double wait_for_resets(std::vector<Event>& events) {
  double added = 0, ready = 0;
  for (Event& event : events) {
    event.time += added;
    if (event.time < ready) {
      added += ready - event.time;
      event.time = ready;
    }
    if (event.exclusive.empty()) continue;
    if (decode_reset(std::string_view(event.exclusive).substr(1)))
      ready = event.time + kResetSeconds;
  }
  return added;
}

ShortMessage to_short(const ChannelMessage& message) {
  return channel_message(message.status, message.data[0], message.data[1]);
}

/// What a message sets: a later message with the same subject makes an earlier one void.
/// Parameters have none.
std::optional<std::pair<int, int>> subject(const ChannelMessage& message) {
  const int controller = message.data[0];
  const int kind = message.status & 0xF0;
  if (kind == 0xB0 && sets_parameter(controller)) return std::nullopt;
  const bool has_number = kind == 0xA0 || kind == 0xB0;
  return std::pair(message.status, has_number ? controller : 0);
}

class PlaybackMaker {
 public:
  PlaybackMaker(const Score& score, const PlaybackOptions& options)
      : score_(score),
        options_(options),
        tempo_(score),
        to_(options.to.value_or(end_time(score))) {}

  Playback make() {
    const std::vector<EventRef> events = merge_events(score_.tracks);
    add_messages_in_force(events);
    for (const EventRef& event : events) add(event);
    if (options_.clock) add_clock();
    std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
      return std::tie(a.time, a.rank) < std::tie(b.time, b.rank);
    });
    const double added = options_.pauses ? wait_for_resets(events_) : 0;
    Playback playback;
    playback.messages.reserve(events_.size());
    for (Event& event : events_) {
      playback.messages.push_back({Seconds(event.time), event.message, std::move(event.exclusive)});
    }
    playback.length = Seconds(std::max(0.0, seconds(to_)) + added);
    playback.exclusive_left_out = exclusive_left_out_;
    return playback;
  }

 private:
  void add(const EventRef& event) {
    const Track& track = score_.tracks[event.track];
    switch (event.kind) {
      case EventKind::kMessage:
        if (is_played(event.time))
          add(event.time, Rank::kMusic, to_short(track.messages[event.index]));
        break;
      case EventKind::kNoteStart:
        add_start(track.notes[event.index]);
        break;
      case EventKind::kNoteEnd:
      case EventKind::kEmptyNoteEnd:
        add_end(track.notes[event.index]);
        break;
      case EventKind::kSysEx:
        add_exclusive(track.sysex[event.index]);
        break;
      case EventKind::kSetTempo:
      case EventKind::kSetMeter:
      case EventKind::kSetKey:
      case EventKind::kMeta:
        break;
    }
  }

  /// Whether what happens at `time` is played. What happens at the score's very end is.
  bool is_played(Ticks time) const { return time >= options_.from && (time < to_ || !options_.to); }

  /// What came before the start has told the device how to play.
  void add_exclusive(const SysEx& event) {
    if (event.time >= options_.from && !is_played(event.time)) return;
    auto exclusive = to_exclusive(event);
    if (exclusive.empty()) {
      ++exclusive_left_out_;
      return;
    }
    const bool before = event.time < options_.from;
    events_.push_back({seconds(std::max(event.time, options_.from)),
                       before ? Rank::kDevice : Rank::kMusic,
                       {},
                       std::move(exclusive)});
  }

  void add_start(const Note& note) {
    if (is_played(note.onset))
      add(note.onset, Rank::kMusic, note_on(note.channel, note.pitch, note.velocity));
  }

  void add_end(const Note& note) {
    if (!is_played(note.onset)) return;
    add(std::min(note.onset + note.duration, to_), Rank::kMusic,
        note_off(note.channel, note.pitch, note.release_velocity & 0x7F));
  }

  void add_messages_in_force(const std::vector<EventRef>& events) {
    std::vector<ChannelMessage> before;
    for (const EventRef& event : events) {
      if (event.kind == EventKind::kMessage && event.time < options_.from)
        before.push_back(score_.tracks[event.track].messages[event.index]);
    }
    std::set<std::pair<int, int>> later;
    std::vector<ShortMessage> in_force;
    for (auto message = before.rbegin(); message != before.rend(); ++message) {
      const auto about = subject(*message);
      if (about && !later.insert(*about).second) continue;
      in_force.push_back(to_short(*message));
      if (!message->is_program_change()) continue;
      // The program is in the bank that was chosen before it, whatever bank is chosen later.
      const int control = 0xB0 | message->channel();
      later.erase({control, kBankMsb});
      later.erase({control, kBankLsb});
    }
    std::reverse(in_force.begin(), in_force.end());
    for (const ShortMessage& message : in_force) add(options_.from, Rank::kInForce, message);
  }

  void add_clock() {
    if (score_.division.is_smpte())
      throw MidiError("a score in SMPTE time has no quarters to send a MIDI clock for");
    const std::int64_t quarter = score_.division.ticks_per_quarter;
    const std::int64_t sixteenth = (4 * options_.from.count + quarter - 1) / quarter;
    add_clock_start(sixteenth);
    const std::int64_t first = sixteenth * kClocksPerSixteenth;
    const std::int64_t end = (to_.count * kClocksPerQuarter + quarter - 1) / quarter;
    if (end - first > kMaxClocks) throw MidiError("the score is too long to send a MIDI clock for");
    for (std::int64_t clock = first; clock < end; ++clock)
      events_.push_back({clock_seconds(clock), Rank::kTransport, real_time(kTimingClock)});
    add(to_, Rank::kEnd, real_time(kClockStop));
  }

  void add_clock_start(std::int64_t sixteenth) {
    if (sixteenth == 0) return add(options_.from, Rank::kTransport, real_time(kClockStart));
    const std::int64_t position = std::min(sixteenth, kMaxSongPosition);
    add(options_.from, Rank::kTransport,
        {{kSongPosition, static_cast<std::uint8_t>(position & 0x7F),
          static_cast<std::uint8_t>(position >> 7)},
         3});
    add(options_.from, Rank::kTransport, real_time(kClockContinue));
  }

  void add(Ticks time, Rank rank, const ShortMessage& message) {
    events_.push_back({seconds(time), rank, message});
  }

  double seconds(Ticks time) const {
    if (options_.due) return options_.due(time).count;
    return (tempo_.seconds(time) - tempo_.seconds(options_.from)).count / options_.tempo_scale;
  }

  /// The time of a clock, which lies between two ticks where a quarter has too few of them.
  double clock_seconds(std::int64_t clock) const {
    const std::int64_t quarter = score_.division.ticks_per_quarter;
    const Ticks before(clock * quarter / kClocksPerQuarter);
    const auto rest = static_cast<double>(clock * quarter % kClocksPerQuarter) / kClocksPerQuarter;
    return (1 - rest) * seconds(before) + rest * seconds(before + Ticks(1));
  }

  const Score& score_;
  const PlaybackOptions& options_;
  const TempoMap tempo_;
  const Ticks to_;
  std::vector<Event> events_;
  std::size_t exclusive_left_out_ = 0;
};

}  // namespace

Playback make_playback(const Score& score, const PlaybackOptions& options) {
  const std::optional<OnePort> joined = join_ports(score);
  Playback playback = PlaybackMaker(joined ? joined->score : score, options).make();
  playback.sharing_channels = joined ? joined->sharing : 0;
  return playback;
}

}  // namespace musicvae::midi
