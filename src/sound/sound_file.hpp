#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "src/sound/sound.hpp"

/// Sound as the bytes of a file.
namespace musicvae {

enum class SoundFormat {
  kWav,   ///< As wav_file() makes it.
  kFlac,  ///< 16 bits, without loss.
  kOgg,   ///< Vorbis.
  kMp3,
};

/// The format that the end of a file's name stands for: .wav, .flac, .ogg or .mp3; WAV where it has
/// none, as standard output. Throws Error on any other.
SoundFormat sound_format_of(const std::filesystem::path& path);

/// The file's bytes, samples beyond full scale cut. All but WAV are written by libsndfile. Throws
/// Error where the format does not have the sound's sample rate.
std::vector<std::byte> encode_sound(const Sound& sound, SoundFormat format);

}  // namespace musicvae
