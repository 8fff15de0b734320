#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/commands/making/attribute_input.hpp"
#include "src/commands/options/controller_file.hpp"
#include "src/live/controls.hpp"
#include "src/live/latent_instrument.hpp"

/// What controllers move in `live`.
namespace musicvae::commands {

/// What a user says of controllers.
struct LiveControlInput {
  std::string file;           ///< The one of --controllers; the usual ones where empty.
  AttributeInput attributes;  ///< Each that is named begins so, and has a controller.
};
/// --controllers, --attribute and --attributes.
void add_live_control_options(CLI::App& command, LiveControlInput& input);

/// Controllers, and the attributes that some of them move.
class LiveControls {
 public:
  /// `usual` is what controllers move where no file says it. Throws UsageError where requests or
  /// the file make no sense, and Error where there are no attributes for `model`.
  LiveControls(const LiveControlInput& input, const ControllerMap& usual,
               const ModelOptions& options, const MusicVae& model);

  const ControllerMap& map() const { return map_; }
  const std::vector<VectorFiles>& vectors() const { return vectors_; }
  /// How much of each attribute there is at the start.
  const std::map<int, double>& start() const { return start_; }
  /// A line for each controller, by its number.
  std::vector<std::string> lines() const;

  /// Whether there may be more or less of any attribute.
  bool may_steer() const { return attributes_.has_value(); }
  /// What `controls` ask for, for Steering.
  std::vector<AttributeRequest> requests(const Controls& controls) const;
  /// How much of each attribute `controls` ask for, in the order of AttributeSet::all().
  std::vector<double> amounts(const Controls& controls) const;
  /// There must be some.
  const AttributeSet& attributes() const { return *attributes_; }

 private:
  void map_attribute(int index);
  std::string effect(const ControlTarget& target) const;

  ControllerMap map_;
  std::vector<VectorFiles> vectors_;
  std::optional<AttributeSet> attributes_;
  std::map<int, double> start_;
};

/// Steers the bars of an instrument near its two pieces, as it plays them. It may outlive
/// `controls`.
SteerBar steering_of(const LatentInstrument& instrument, const MusicVae& model,
                     std::shared_ptr<const LiveControls> controls, std::uint64_t seed);

}  // namespace musicvae::commands
