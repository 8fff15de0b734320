#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

namespace musicvae::midi {

/// A file, and which of its sequences is meant: "piece.mid#2" is the second of piece.mid.
struct SequencePath {
  std::filesystem::path file;
  std::optional<std::size_t> number;  ///< Counted from 1.
};

/// Takes apart a path as a user writes it. A file that really is called "piece.mid#2" is that file.
SequencePath parse_sequence_path(const std::filesystem::path& path);

/// "piece.mid#2".
std::filesystem::path sequence_path(const std::filesystem::path& file, std::size_t number);

}  // namespace musicvae::midi
