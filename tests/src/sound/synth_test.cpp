#include "src/sound/synth.hpp"

#include <cmath>

#include "midi/file/reader.hpp"
#include "midi/part_mode.hpp"
#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

namespace musicvae {
namespace {

midi::Score two_notes() {
  midi::Score score;
  score.tempos = {{midi::Ticks(480), 1'000'000}};  // The second quarter lasts a second.
  midi::Track track;
  track.notes = {{midi::Ticks(240), midi::Ticks(60), 0, 60, 100},
                 {midi::Ticks(960), midi::Ticks(480), 0, 72, 100}};
  track.end = midi::Ticks(1440);
  score.tracks = {track};
  return score;
}

Sound render(const midi::Score& score) {
  return musicvae::render(midi::make_playback(score), {default_soundfont()});
}

/// The first time from `from` on at which anything is heard.
double first_sound(const Sound& sound, double from) {
  auto i = static_cast<std::size_t>(from * sound.sample_rate) * 2;
  while (i < sound.samples.size() && std::abs(sound.samples[i]) < 0.01F) ++i;
  return static_cast<double>(i / 2) / sound.sample_rate;
}

double loudest(const Sound& sound, double from, double to) {
  float peak = 0;
  for (auto i = static_cast<std::size_t>(2 * from * sound.sample_rate);
       i < static_cast<std::size_t>(2 * to * sound.sample_rate); ++i) {
    peak = std::max(peak, std::abs(sound.samples[i]));
  }
  return peak;
}

TEST_CASE("A rendering is as long as its score and then dies away", "[synth]") {
  const Sound sound = render(two_notes());
  CHECK(sound.seconds() > 2.5);
  CHECK(sound.seconds() < 2.5 + kLongestTail.count + 0.01);
  CHECK(loudest(sound, 2, 2.5) > 0.02);
  CHECK(loudest(sound, sound.seconds() - 0.1, sound.seconds()) < 1.0 / 32'768);
}

TEST_CASE("Notes sound when the tempo map says", "[synth]") {
  const Sound sound = render(two_notes());
  CHECK(loudest(sound, 0, 0.248) < 1e-6);
  CHECK(first_sound(sound, 0) == Approx(0.25).margin(0.005));
  CHECK(loudest(sound, 1.4, 1.498) < 0.01);
  CHECK(first_sound(sound, 1.4) == Approx(1.5).margin(0.005));
}

TEST_CASE("A rendering of a whole piece is neither silent nor clipped, and the same twice",
          "[synth]") {
  const auto score = midi::read_midi_file("datasets/bundled/petzold-minuet-anh114.mid").score;
  const Sound sound = render(score);
  CHECK(peak(sound) > 0.05);
  CHECK(peak(sound) < 1);
  CHECK(sound.samples == render(score).samples);
}

TEST_CASE("A pedal that is down at the end does not hold the sound", "[synth]") {
  auto score = two_notes();
  score.tracks[0].messages = {{midi::Ticks(0), 0xB0, {64, 127}}};
  CHECK(render(score).seconds() < 2.5 + 6);
}

/// Two notes on `channel`, whose program is in `bank`.
midi::Score in_bank(std::uint8_t channel, std::uint8_t bank) {
  auto score = two_notes();
  const auto status = [channel](int kind) { return static_cast<std::uint8_t>(kind | channel); };
  score.tracks[0].messages = {{midi::Ticks(0), status(0xB0), {0, bank}},
                              {midi::Ticks(0), status(0xC0), {0, 0}}};
  for (midi::Note& note : score.tracks[0].notes) note.channel = channel;
  return score;
}

TEST_CASE("A bank makes a channel drums, or channel 10 none", "[synth]") {
  const Sound drums = render(in_bank(9, 0)), piano = render(in_bank(3, 0));
  REQUIRE(drums.samples != piano.samples);
  for (const int bank : {120, 126, 127})
    CHECK(render(in_bank(3, static_cast<std::uint8_t>(bank))).samples == drums.samples);
  CHECK(render(in_bank(9, 121)).samples == piano.samples);
}

TEST_CASE("After a reset, or in another bank, channel 10 is drums again", "[synth]") {
  const Sound drums = render(in_bank(9, 0)), piano = render(in_bank(9, 121));
  REQUIRE(drums.samples != piano.samples);
  const std::string gm("\x7E\x10\x09\x01\xF7", 5);
  const std::string gs("\x41\x10\x42\x12\x40\x00\x7F\x00\x41\xF7", 10);
  const std::string xg("\x43\x10\x4C\x00\x00\x7E\x00\xF7", 8);
  for (const std::string& reset : {gm, gs, xg}) {
    midi::Score before = in_bank(9, 121), never = in_bank(9, 0);
    for (midi::Score* score : {&before, &never})
      score->tracks[0].sysex = {{midi::Ticks(1), 0xF0, reset}};
    CHECK((render(before).samples == render(never).samples));
  }
  midi::Score score = in_bank(9, 121);
  score.tracks[0].messages.push_back({midi::Ticks(1), 0xB9, {0, 0}});
  score.tracks[0].messages.push_back({midi::Ticks(1), 0xC9, {0, 0}});
  CHECK((render(score).samples == drums.samples));
}

TEST_CASE("A master volume is heard, and a reset is silent", "[synth]") {
  auto score = two_notes();
  const auto full = loudest(render(score), 0, 1.4);
  score.tracks[0].sysex = {{midi::Ticks(0), 0xF0, "\x7E\x7F\x09\x01\xF7"}};
  CHECK(loudest(render(score), 0, 1.4) == Approx(full).epsilon(0.02));
  const std::string half("\x7F\x7F\x04\x01\x00\x40\xF7", 7);
  score.tracks[0].sysex = {{midi::Ticks(0), 0xF0, half}};
  CHECK(loudest(render(score), 0, 1.4) == Approx(full / 4).epsilon(0.05));
}

TEST_CASE("A part mode of GS makes a channel drums", "[synth]") {
  auto score = two_notes();
  auto drums = score;
  drums.tracks[0].sysex = {{midi::Ticks(0), 0xF0, midi::encode_part_mode({0, true})}};
  auto channel_10 = score;
  for (auto& note : channel_10.tracks[0].notes) note.channel = midi::kDrumChannel;
  CHECK(render(drums).samples == render(channel_10).samples);
  CHECK(render(drums).samples != render(score).samples);
}

TEST_CASE("A track's end far behind the music does not make it longer", "[synth]") {
  auto score = two_notes();
  score.tracks[0].end = midi::Ticks(std::int64_t{1} << 40);
  CHECK(render(score).samples == render(two_notes()).samples);
}

TEST_CASE("What is no soundfont is refused by name", "[synth]") {
  const test::TemporaryFolder folder;
  const std::string file = (folder / "text.sf2").string();
  std::ofstream(file) << "not a soundfont";
  const auto playback = midi::make_playback(two_notes());
  CHECK_THROWS_WITH(musicvae::render(playback, {file}), Catch::Contains(file));
  CHECK_THROWS_WITH(musicvae::render(playback, {(folder / "none.sf2").string()}),
                    Catch::Contains("no soundfont"));
}

TEST_CASE("Music that is too long to hold is refused", "[synth]") {
  auto score = two_notes();
  score.tracks[0].notes[1].duration = midi::Ticks(std::int64_t{1} << 40);
  CHECK_THROWS_AS(render(score), Error);
}

}  // namespace
}  // namespace musicvae
