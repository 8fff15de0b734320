#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "midi/live/message.hpp"

namespace musicvae {

/// What a MIDI controller moves.
struct ControlTarget {
  enum class Kind { kPosition, kTemperature, kDimension, kVector, kAttribute };
  Kind kind = Kind::kPosition;
  int index = 0;  ///< Which dimension, vector or attribute.

  bool operator==(const ControlTarget&) const = default;
};

/// By the number of the controller, 0-127.
using ControllerMap = std::map<int, ControlTarget>;

/// The modulation wheel and the breath controller.
ControllerMap default_controllers();
/// The four general purpose controllers, for the first dimensions of a model that has few.
ControllerMap dimension_controllers(int dimensions);
/// The controller of an attribute unless another is named. Controllers from here on are undefined
/// in MIDI. There are none for attributes past kMostAttributeControllers.
inline constexpr int kFirstAttributeController = 20;
inline constexpr int kMostAttributeControllers = 12;

inline constexpr double kHottest = 2;        ///< Temperature at 127.
inline constexpr double kFarthest = 3;       ///< A dimension's shift at 127, in the prior's sigmas.
inline constexpr double kMostVector = 2;     ///< A vector's factor at 127.
inline constexpr double kMostAttribute = 2;  ///< More of an attribute at 127, in its deviations.

/// Where the music is in latent space, as controllers have moved it.
struct Controls {
  double position = 0;  ///< From A (0) to B (1), or from a call to what it is answered toward.
  double temperature = 0.5;
  std::map<int, double> dimensions;  ///< Added to z.
  std::map<int, double> vectors;     ///< Factors of vectors that are added to z.
  std::map<int, double> attributes;  ///< How much more of them, in standard deviations.

  /// `value` is that of a controller, 0-127; 64 is the middle of what has one, 0.
  void move(const ControlTarget& target, int value);
  /// Whether there is to be more or less of any attribute.
  bool steers() const;
};

/// Controls under the controllers of a map, of any channel. Those that are not in it are told of
/// once each, by number, as a line for a user who wants to map them.
class ControlSurface {
 public:
  ControlSurface(ControllerMap map, const Controls& start)
      : map_(std::move(map)), controls_(start) {}

  const Controls& controls() const { return controls_; }

  /// Whether `message` moved anything. What it says of an unknown controller goes to `news`.
  bool hear(const midi::ShortMessage& message, std::vector<std::string>& news);

 private:
  ControllerMap map_;
  Controls controls_;
  std::set<int> unknown_;
};

}  // namespace musicvae
