#pragma once

#include <cstddef>
#include <vector>

/// Sound as samples, and as the bytes of a file.
namespace musicvae {

/// Stereo: left and right in turn. Full scale is 1, and more is possible.
struct Sound {
  int sample_rate = 44'100;
  std::vector<float> samples;

  std::size_t frames() const { return samples.size() / 2; }
  double seconds() const { return static_cast<double>(frames()) / sample_rate; }
};

/// The largest distance of a sample from 0.
double peak(const Sound& sound);

/// The peak that limit_peak() leaves of a louder sound: between two samples a converter may reach
/// higher than either.
inline constexpr double kLargestPeak = 0.98;
/// Makes the whole sound quieter where its peak is above kLargestPeak. Gives the factor, at most 1.
double limit_peak(Sound& sound);

/// A WAV file of 16 bits (RIFF WAVE, PCM), samples beyond full scale cut. At most 2^30 - 10 frames
/// fit.
std::vector<std::byte> wav_file(const Sound& sound);

}  // namespace musicvae
