#include "src/sound/sound.hpp"

#include "src/sound/sound_file.hpp"
#include "tests/catch.hpp"

namespace musicvae {
namespace {

std::uint32_t number(const std::vector<std::byte>& bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;)
    value = value << 8 | std::to_integer<unsigned>(bytes[at + i]);
  return value;
}

TEST_CASE("A WAV file says what is in it and holds each sample in 16 bits", "[sound]") {
  const auto bytes = wav_file({48'000, {0.0F, 1.0F, -1.0F, 0.5F}});
  REQUIRE(bytes.size() == 44 + 2 * 2 * 2);
  CHECK(number(bytes, 4, 4) == bytes.size() - 8);
  CHECK(number(bytes, 22, 2) == 2);
  CHECK(number(bytes, 24, 4) == 48'000);
  CHECK(number(bytes, 28, 4) == 48'000 * 4);
  CHECK(number(bytes, 40, 4) == 8);
  CHECK(number(bytes, 44, 2) == 0);
  CHECK(number(bytes, 46, 2) == 32'767);
  CHECK(number(bytes, 48, 2) == 0x10000 - 32'767);
}

TEST_CASE("The end of a name says the format of a sound", "[sound]") {
  CHECK(sound_format_of("a.wav") == SoundFormat::kWav);
  CHECK(sound_format_of("a.b/A.FLAC") == SoundFormat::kFlac);
  CHECK(sound_format_of("a.ogg") == SoundFormat::kOgg);
  CHECK(sound_format_of("a.mp3") == SoundFormat::kMp3);
  CHECK(sound_format_of("-") == SoundFormat::kWav);
  CHECK_THROWS_WITH(sound_format_of("a.m4a"), Catch::Contains("a.m4a") && Catch::Contains(".flac"));
}

TEST_CASE("A sound beyond full scale is made quieter as a whole, another stays", "[sound]") {
  Sound loud{44'100, {0.5F, -2.0F}};
  CHECK(limit_peak(loud) == Approx(kLargestPeak / 2));
  CHECK(peak(loud) == Approx(kLargestPeak));
  CHECK(loud.samples[0] == Approx(kLargestPeak / 4));

  Sound quiet{44'100, {0.5F, -0.25F}};
  CHECK(limit_peak(quiet) == 1);
  CHECK(quiet.samples == std::vector<float>{0.5F, -0.25F});
}

}  // namespace
}  // namespace musicvae
