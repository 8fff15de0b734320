#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "midi/error.hpp"

namespace musicvae::midi {

/// The bytes of a file; "-" is standard input. Reads what is there rather than what the file system
/// claims, so pipes and devices work. Throws MidiError where the file cannot be opened or read or
/// holds more than `max_bytes`.
std::vector<std::byte> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Writes a whole file or none of it, even when the process is killed or the disk is full: a
/// temporary file in the same folder, fsync, rename, fsync of the folder. Links are followed;
/// devices and pipes are written to directly, and "-" is standard output. Throws MidiError.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace musicvae::midi
