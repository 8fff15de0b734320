#include "src/live/controls.hpp"

#include <algorithm>

namespace musicvae {
namespace {

constexpr int kControlChange = 0xB0;
/// From here on controllers are orders to a channel, such as all notes off.
constexpr int kFirstChannelMode = 120;

/// -1 to 1.
double around_middle(int value) { return std::max(-1.0, (value - 64) / 63.0); }

}  // namespace

ControllerMap default_controllers() {
  return {{1, {ControlTarget::Kind::kPosition}}, {2, {ControlTarget::Kind::kTemperature}}};
}

ControllerMap dimension_controllers(int dimensions) {
  constexpr int kFirst = 16, kCount = 4;
  ControllerMap map;
  for (int i = 0; i < std::min(dimensions, kCount); ++i) {
    map[kFirst + i] = {ControlTarget::Kind::kDimension, i};
  }
  return map;
}

bool Controls::steers() const {
  return std::any_of(attributes.begin(), attributes.end(),
                     [](const auto& attribute) { return attribute.second != 0; });
}

void Controls::move(const ControlTarget& target, int value) {
  switch (target.kind) {
    case ControlTarget::Kind::kPosition:
      position = value / 127.0;
      break;
    case ControlTarget::Kind::kTemperature:
      temperature = kHottest * value / 127.0;
      break;
    case ControlTarget::Kind::kDimension:
      dimensions[target.index] = kFarthest * around_middle(value);
      break;
    case ControlTarget::Kind::kVector:
      vectors[target.index] = kMostVector * around_middle(value);
      break;
    case ControlTarget::Kind::kAttribute:
      attributes[target.index] = kMostAttribute * around_middle(value);
      break;
  }
}

bool ControlSurface::hear(const midi::ShortMessage& message, std::vector<std::string>& news) {
  const int controller = message.bytes[1];
  if (message.kind() != kControlChange || controller >= kFirstChannelMode) return false;
  const auto target = map_.find(controller);
  if (target != map_.end()) {
    controls_.move(target->second, message.bytes[2]);
    return true;
  }
  if (unknown_.insert(controller).second) {
    const std::string number = std::to_string(controller);
    news.push_back("controller " + number + " moves nothing yet; to use it, write for instance '" +
                   "dimension-0 = " + number + "' into the controller file");
  }
  return false;
}

}  // namespace musicvae
