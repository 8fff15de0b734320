#include "midi/live/changed_controls.hpp"

#include <algorithm>
#include <utility>

#include "midi/live/master_volume.hpp"
#include "midi/part_mode.hpp"
#include "midi/score.hpp"

namespace musicvae::midi {
namespace {

constexpr int kBankMsb = 0, kBankLsb = 32;
constexpr int kDataMsb = 6, kDataLsb = 38;
constexpr int kParameterLsb = 100, kParameterMsb = 101;
constexpr int kNoParameter = 127;
constexpr int kResetAllControllers = 121;
constexpr int kBendRange = 2;  ///< Semitones.

/// The values that controllers start with, and which kResetAllControllers sets in some devices
/// only.
constexpr std::pair<int, int> kFirstValues[] = {
    {1, 0},   {7, 100}, {10, 64}, {11, 127}, {64, 0},  {65, 0},  {66, 0},  {67, 0},
    {68, 0},  {69, 0},  {70, 64}, {71, 64},  {72, 64}, {73, 64}, {74, 64}, {75, 64},
    {76, 64}, {77, 64}, {78, 64}, {79, 64},  {91, 40}, {93, 0},
};

}  // namespace

void ChangedControls::note(const ShortMessage& message) {
  if (!message.is_channel_message()) return;
  Channel& channel = channels_[message.channel()];
  switch (message.kind()) {
    case 0xA0:
    case 0xD0:
      channel.pressed = true;
      break;
    case 0xB0:
      channel.controllers.set(message.bytes[1] & 0x7F);
      break;
    case 0xC0:
      channel.has_program = true;
      break;
    case 0xE0:
      channel.bent = true;
      break;
    default:
      break;
  }
}

void ChangedControls::note_exclusive(std::string_view message) {
  constexpr std::size_t kLongest = 12;  // The longest message that sets a part mode.
  has_volume_ |= decode_master_volume(message).has_value();
  const auto data = message.substr(1);
  const auto mode = decode_part_mode(data);
  if (mode && data.size() <= kLongest) part_modes_[mode->channel] = data;
  if (!decode_reset(data)) return;
  for (std::string& part_mode : part_modes_) part_mode.clear();
}

void ChangedControls::reset(MidiOutput& output) {
  if (has_volume_) output.send_exclusive(kFullMasterVolume);
  has_volume_ = false;
  for (int number = 0; number < 16; ++number) {
    Channel& channel = channels_[static_cast<std::size_t>(number)];
    reset_part_mode(output, static_cast<std::uint8_t>(number));
    reset(output, number, channel);
    channel = {};
  }
}

void ChangedControls::reset_part_mode(MidiOutput& output, std::uint8_t number) {
  const std::string data = std::exchange(part_modes_[number], {});
  if (!data.empty())
    output.send_exclusive('\xF0' + with_part_mode(data, {number, number == kDrumChannel}));
}

void ChangedControls::reset(MidiOutput& output, int number, const Channel& channel) const {
  const auto set = [&](int controller, int value) {
    output.send(control_change(number, controller, value));
  };
  if (channel.bent || channel.pressed || channel.controllers.any()) set(kResetAllControllers, 0);
  if (channel.bent) output.send(channel_message(0xE0 | number, 0, 64));
  if (channel.pressed) output.send(channel_message(0xD0 | number, 0));
  bool has_parameter = false;
  for (int i = 0; i < 128; ++i) {
    has_parameter |= sets_parameter(i) && channel.controllers.test(static_cast<std::size_t>(i));
  }
  if (has_parameter) {
    for (const int controller : {kParameterMsb, kParameterLsb}) set(controller, 0);
    set(kDataMsb, kBendRange);
    set(kDataLsb, 0);
    for (const int controller : {kParameterMsb, kParameterLsb}) set(controller, kNoParameter);
  }
  for (const auto& [controller, value] : kFirstValues) {
    if (channel.controllers.test(static_cast<std::size_t>(controller))) set(controller, value);
  }
  const bool has_bank = channel.controllers.test(kBankMsb) || channel.controllers.test(kBankLsb);
  if (!has_bank && !channel.has_program) return;
  set(kBankMsb, 0);
  set(kBankLsb, 0);
  output.send(program_change(number, 0));
}

}  // namespace musicvae::midi
