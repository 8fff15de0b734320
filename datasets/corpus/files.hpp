#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace musicvae::datasets {

/// What was found in folders and is not read, by reason.
using PassedOver = std::map<std::string, std::size_t>;

/// The files among `paths`, and every file in its folders that is named as MIDI files are (.mid,
/// .midi, .kar, .rmi, .smf), at any depth and through links. Hidden ones are left out. A path may
/// name one sequence of a file (midi::SequencePath). Sorted by name and each once, so that the
/// order of `paths` does not matter. What was passed over is counted. Throws DatasetError on a path
/// that does not exist.
std::vector<std::filesystem::path> find_midi_files(const std::vector<std::filesystem::path>& paths,
                                                   PassedOver* passed_over = nullptr);

/// Whether a shell pattern (POSIX fnmatch; * also matches /) fits the path or its last part.
bool matches(const std::string& pattern, const std::filesystem::path& path);

}  // namespace musicvae::datasets
