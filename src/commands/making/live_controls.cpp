#include "src/commands/making/live_controls.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "src/base/error.hpp"
#include "src/base/text.hpp"

namespace musicvae::commands {
namespace {

using Kind = ControlTarget::Kind;

/// Bars of a piece that are looked at for what is near it.
constexpr std::int64_t kGroundBars = 16;

/// The index of an attribute that a file of controllers names. Throws UsageError where there is no
/// such attribute, or `find` finds no attributes at all.
template <class Find>
int index_of(const std::string& name, const std::string& file, Find find) {
  try {
    return static_cast<int>(find().index(name));
  } catch (const Error& error) {
    throw UsageError(file + ": '" + printable(name) +
                     "' is none of position, temperature and dimension-N, and " + error.what());
  }
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// The music that the instrument plays on one of its pieces, in its meter.
datasets::Passage music_at(double position, const LatentInstrument& instrument) {
  Controls controls;
  controls.position = position;
  controls.temperature = 0;
  std::vector<datasets::Passage> bars;
  for (std::int64_t bar = 0; bar < kGroundBars; ++bar) {
    bars.push_back(instrument.bar(bar, controls));
  }
  return join_passages(bars);
}

}  // namespace

void add_live_control_options(CLI::App& command, LiveControlInput& input) {
  add_attribute_options(
      command, input.attributes,
      "Begins so; then its controller moves it from -2 to 2: 20 moves density, 21 "
      "pitch, 22 range and so on to 28, and 29 the first label, unless "
      "--controllers names others");
  command
      .add_option(
          "--controllers", input.file,
          "TOML file that says which controller moves what. Without it 16 to 19 move the "
          "dimensions of a tuned model, and with --interpolate 1 moves between A and B, and "
          "2 the temperature")
      ->type_name("FILE");
}

LiveControls::LiveControls(const LiveControlInput& input, const ControllerMap& usual,
                           const ModelOptions& options, const MusicVae& model)
    : map_(usual) {
  const auto find = [&]() -> const AttributeSet& {
    if (!attributes_) attributes_ = attributes_for(input.attributes, options, model);
    return *attributes_;
  };
  if (!input.file.empty()) {
    ControllerFile file = read_controller_file(input.file);
    map_ = std::move(file.map);
    vectors_ = std::move(file.vectors);
    for (auto& [controller, target] : map_) {
      if (target.kind != Kind::kAttribute) continue;
      target.index = index_of(file.attributes[std::size_t(target.index)], input.file, find);
    }
  }
  for (const AttributeRequest& request : requests_of(input.attributes)) {
    const auto index =
        static_cast<int>(for_flag("--attribute", [&] { return find().index(request.name); }));
    start_[index] += request.amount;
    map_attribute(index);
  }
}

/// Gives an attribute that has no controller its own.
void LiveControls::map_attribute(int index) {
  const ControlTarget target{Kind::kAttribute, index};
  const bool mapped = std::any_of(map_.begin(), map_.end(),
                                  [&](const auto& entry) { return entry.second == target; });
  if (mapped) return;
  const auto& name = attributes_->all()[std::size_t(index)].name;
  const int controller = kFirstAttributeController + index;
  if (index >= kMostAttributeControllers || !map_.emplace(controller, target).second) {
    throw UsageError("--attribute: no controller is left for " + name +
                     "; name one in the file of --controllers, as " + name + " = 102");
  }
}

std::string LiveControls::effect(const ControlTarget& target) const {
  const auto index = static_cast<std::size_t>(target.index);
  const std::string middle = "; 64 leaves it as it is";
  switch (target.kind) {
    case Kind::kPosition:
      return "from A (0) to B (127), or how far an answer goes";
    case Kind::kTemperature:
      return "temperature, 0 to " + number(kHottest);
    case Kind::kDimension:
      return "dimension " + std::to_string(index) + ", -" + number(kFarthest) + " to " +
             number(kFarthest) + middle;
    case Kind::kVector:
      return vectors_[index].name + middle;
    case Kind::kAttribute:
      const auto start = start_.find(target.index);
      const double now = start == start_.end() ? 0 : start->second;
      return attributes_->all()[index].name + ", -" + number(kMostAttribute) + " to " +
             number(kMostAttribute) + " standard deviations" + middle +
             (now == 0 ? "" : ", and now it is " + number(now));
  }
  return {};
}

std::vector<std::string> LiveControls::lines() const {
  std::vector<std::string> lines;
  for (const auto& [controller, target] : map_) {
    lines.push_back("controller " + std::to_string(controller) + ": " + effect(target));
  }
  return lines;
}

std::vector<AttributeRequest> LiveControls::requests(const Controls& controls) const {
  std::vector<AttributeRequest> requests;
  for (const auto& [index, amount] : controls.attributes) {
    requests.push_back({attributes_->all()[std::size_t(index)].name, amount});
  }
  return requests;
}

std::vector<double> LiveControls::amounts(const Controls& controls) const {
  std::vector<double> amounts(attributes_->all().size());
  for (const auto& [index, amount] : controls.attributes) amounts[std::size_t(index)] = amount;
  return amounts;
}

SteerBar steering_of(const LatentInstrument& instrument, const MusicVae& model,
                     std::shared_ptr<const LiveControls> controls, std::uint64_t seed) {
  const BarSteering near_a(model, controls->attributes(), music_at(0, instrument), seed);
  const BarSteering near_b(model, controls->attributes(), music_at(1, instrument), seed);
  return [near_a, near_b, controls](const datasets::Passage& music, const Controls& now) {
    return (now.position < 0.5 ? near_a : near_b)(music, controls->amounts(now));
  };
}

}  // namespace musicvae::commands
