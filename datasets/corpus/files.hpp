#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace musicvae::datasets {

/// The files among `paths`, and every .mid and .midi file in its folders at any depth, hidden ones
/// left out. A path may name one sequence of a file (midi::SequencePath). Sorted by name and each
/// once, so that the order of `paths` does not matter. Throws DatasetError on a path that does not
/// exist or cannot be listed.
std::vector<std::filesystem::path> find_midi_files(const std::vector<std::filesystem::path>& paths);

/// Whether a shell pattern (POSIX fnmatch; * also matches /) fits the path or its last part.
bool matches(const std::string& pattern, const std::filesystem::path& path);

}  // namespace musicvae::datasets
