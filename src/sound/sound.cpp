#include "src/sound/sound.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace musicvae {
namespace {

constexpr std::uint32_t kChannels = 2;
constexpr std::uint32_t kSampleBytes = 2;
constexpr std::uint32_t kFrameBytes = kChannels * kSampleBytes;
constexpr std::uint32_t kFormatBytes = 16;
constexpr std::uint32_t kHeaderBytes = 44;
constexpr std::uint32_t kPcm = 1;

/// RIFF: little-endian numbers, chunks that say how long they are.
class RiffBytes {
 public:
  explicit RiffBytes(std::size_t size) : bytes_(size) {}

  void text(std::string_view text) {
    for (const char c : text) add(static_cast<std::byte>(c));
  }
  void number(std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) add(static_cast<std::byte>(value >> (8 * i) & 0xFF));
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void add(std::byte byte) { bytes_.at(end_++) = byte; }

  std::vector<std::byte> bytes_;
  std::size_t end_ = 0;
};

void write_header(RiffBytes& riff, std::uint32_t sample_rate, std::uint32_t data_bytes) {
  riff.text("RIFF");
  riff.number(kHeaderBytes - 8 + data_bytes, 4);
  riff.text("WAVEfmt ");
  riff.number(kFormatBytes, 4);
  riff.number(kPcm, 2);
  riff.number(kChannels, 2);
  riff.number(sample_rate, 4);
  riff.number(sample_rate * kFrameBytes, 4);
  riff.number(kFrameBytes, 2);
  riff.number(8 * kSampleBytes, 2);
  riff.text("data");
  riff.number(data_bytes, 4);
}

std::uint32_t to_16_bits(float sample) {
  const float inside = std::clamp(sample, -1.0F, 1.0F);
  return static_cast<std::uint32_t>(std::lround(inside * 32'767.0F));
}

}  // namespace

double peak(const Sound& sound) {
  float peak = 0;
  for (const float sample : sound.samples) peak = std::max(peak, std::abs(sample));
  return peak;
}

double limit_peak(Sound& sound) {
  const double loudest = peak(sound);
  if (loudest <= kLargestPeak) return 1;
  const double factor = kLargestPeak / loudest;
  for (float& sample : sound.samples) sample *= static_cast<float>(factor);
  return factor;
}

std::vector<std::byte> wav_file(const Sound& sound) {
  const std::size_t data_bytes = sound.frames() * kFrameBytes;
  RiffBytes riff(kHeaderBytes + data_bytes);
  write_header(riff, static_cast<std::uint32_t>(sound.sample_rate),
               static_cast<std::uint32_t>(data_bytes));
  for (const float sample : sound.samples) riff.number(to_16_bits(sample), kSampleBytes);
  return riff.take();
}

}  // namespace musicvae
