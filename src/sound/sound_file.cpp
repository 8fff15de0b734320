#include "src/sound/sound_file.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>

#include "src/base/error.hpp"

namespace musicvae {

SoundFormat sound_format_of(const std::filesystem::path& path) {
  static const std::map<std::string, SoundFormat> kFormats = {{"", SoundFormat::kWav},
                                                              {".wav", SoundFormat::kWav},
                                                              {".flac", SoundFormat::kFlac},
                                                              {".ogg", SoundFormat::kOgg},
                                                              {".mp3", SoundFormat::kMp3}};
  std::string end = path.extension().string();
  std::transform(end.begin(), end.end(), end.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  const auto found = kFormats.find(end);
  if (found != kFormats.end()) return found->second;
  throw Error("no format is known for the name " + path.string() +
              "; let it end in .wav, .flac, .ogg or .mp3");
}

}  // namespace musicvae
