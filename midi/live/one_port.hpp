#pragma once

#include <cstddef>
#include <optional>

#include "midi/score.hpp"

namespace musicvae::midi {

/// A score of several ports as the 16 channels of one port can play it.
struct OnePort {
  Score score;
  std::size_t sharing = 0;  ///< Channels for which none was free, and which share one.
};

/// nullopt where `score` has notes on one port only. Channels keep their numbers where no lower
/// port has notes on the same; the others take free ones, but channel 10 stays channel 10, as it is
/// drums. Messages for channels without notes are left out.
std::optional<OnePort> join_ports(const Score& score);

}  // namespace musicvae::midi
