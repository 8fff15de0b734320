#pragma once

#include <string>

#include "src/music/filling/filling.hpp"

namespace musicvae {

/// New bars beside a piece.
struct ContinuationRequest {
  int bars = 8;
  bool lead_in = false;  ///< Before the first bar, not after the last in which something sounds.
  std::string track;     ///< As FillRequest::track; all pitched parts where empty.
  std::string text_encoding = midi::kGuessedEncoding;  ///< The one of parts' names.
};

/// `source` with room for the new bars, which are the ones to fill. The tempo is the one that
/// lasted longest, even where the piece ends slowly. Throws Error where the piece has no such part
/// or no pitched notes, or no bars can be added to it.
FillTask make_continuation_task(const ContinuationRequest& request, Source source);

}  // namespace musicvae
