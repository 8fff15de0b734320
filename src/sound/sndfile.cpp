#include <algorithm>
#include <memory>
#include <sndfile.h>
#include <string>
#include <utility>

#include "src/base/error.hpp"
#include "src/sound/synth_module.hpp"

namespace musicvae {
namespace {

/// A file in memory, as libsndfile writes one.
struct MemoryFile {
  std::vector<std::byte> bytes;
  std::size_t position = 0;
};

MemoryFile& file_of(void* data) { return *static_cast<MemoryFile*>(data); }

sf_count_t length(void* data) { return static_cast<sf_count_t>(file_of(data).bytes.size()); }

sf_count_t tell(void* data) { return static_cast<sf_count_t>(file_of(data).position); }

sf_count_t seek(sf_count_t offset, int whence, void* data) {
  const sf_count_t start = whence == SEEK_CUR ? tell(data) : whence == SEEK_END ? length(data) : 0;
  file_of(data).position = static_cast<std::size_t>(std::max<sf_count_t>(start + offset, 0));
  return tell(data);
}

sf_count_t read(void* to, sf_count_t count, void* data) {
  MemoryFile& file = file_of(data);
  const std::size_t left = file.bytes.size() - std::min(file.position, file.bytes.size());
  const std::size_t taken = std::min(static_cast<std::size_t>(count), left);
  std::copy_n(file.bytes.data() + file.position, taken, static_cast<std::byte*>(to));
  file.position += taken;
  return static_cast<sf_count_t>(taken);
}

sf_count_t write(const void* from, sf_count_t count, void* data) {
  MemoryFile& file = file_of(data);
  const auto size = static_cast<std::size_t>(count);
  file.bytes.resize(std::max(file.bytes.size(), file.position + size));
  std::copy_n(static_cast<const std::byte*>(from), size, file.bytes.data() + file.position);
  file.position += size;
  return count;
}

int format_number(SoundFormat format) {
  switch (format) {
    case SoundFormat::kFlac:
      return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    case SoundFormat::kOgg:
      return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
    case SoundFormat::kMp3:
      return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
    case SoundFormat::kWav:
      break;
  }
  return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
}

}  // namespace

std::vector<std::byte> encode_by_sndfile(const Sound& sound, SoundFormat format) {
  MemoryFile memory;
  SF_VIRTUAL_IO access{length, seek, read, write, tell};
  SF_INFO info{};
  info.samplerate = sound.sample_rate;
  info.channels = 2;
  info.format = format_number(format);
  std::unique_ptr<SNDFILE, decltype(&sf_close)> file(
      sf_open_virtual(&access, SFM_WRITE, &info, &memory), sf_close);
  if (!file) {
    throw Error(std::string("cannot write this format at ") + std::to_string(sound.sample_rate) +
                " frames a second: " + sf_strerror(nullptr) +
                "; choose another --sample-rate, or a .wav file");
  }
  sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
  // In parts, as Vorbis takes the stack for what it is given at once.
  constexpr std::size_t kFramesAtOnce = 4096;
  for (std::size_t frame = 0; frame < sound.frames(); frame += kFramesAtOnce) {
    const auto count = static_cast<sf_count_t>(std::min(kFramesAtOnce, sound.frames() - frame));
    if (sf_writef_float(file.get(), sound.samples.data() + 2 * frame, count) != count)
      throw Error(std::string("cannot encode the sound: ") + sf_strerror(file.get()));
  }
  file.reset();  // Writes the end.
  return std::move(memory.bytes);
}

}  // namespace musicvae
