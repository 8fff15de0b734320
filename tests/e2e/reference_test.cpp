#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

/// Renderings beside those of the program `fluidsynth` with the same soundfont and settings.

using namespace musicvae::test;
using musicvae::midi::Score;
using musicvae::midi::Ticks;
using musicvae::midi::Track;

namespace {

constexpr const char* kSoundfont = "/usr/share/sounds/sf2/TimGM6mb.sf2";

/// The samples of a WAV file of 16 bits, left and right in turn.
std::vector<double> samples_of(const std::string& file) {
  const std::string bytes = read_text(file);
  const std::size_t data = bytes.find("data");
  REQUIRE(data != std::string::npos);
  std::vector<double> samples;
  for (std::size_t i = data + 8; i + 1 < bytes.size(); i += 2) {
    std::int16_t sample = 0;
    std::memcpy(&sample, bytes.data() + i, 2);
    samples.push_back(sample);
  }
  return samples;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

/// How alike the sound of a file is to what FluidSynth makes of it.
double likeness(const std::string& file) {
  const Workspace folder;
  const std::string font = kSoundfont;
  const auto ours = program("render -q --gain 0.3 --soundfont " + font + " " + file + " -o " +
                            (folder / "ours.wav"));
  INFO(ours.err);
  REQUIRE(ours.code == 0);
  const auto theirs = shell("fluidsynth -ni -q -g 0.3 -r 44100 -o synth.polyphony=1024 -T wav -F " +
                            (folder / "theirs.wav") + " " + font + " " + file);
  INFO(theirs.err);
  REQUIRE(theirs.code == 0);
  return correlation(samples_of(folder / "ours.wav"), samples_of(folder / "theirs.wav"));
}

double likeness(const Score& score) {
  const Workspace folder;
  musicvae::midi::write_midi_file(score, folder / "score.mid");
  return likeness(folder / "score.mid");
}

bool has_fluidsynth() {
  if (shell("command -v fluidsynth && test -r " + std::string(kSoundfont)).code == 0) return true;
  WARN("no program fluidsynth, or not its usual soundfont: nothing to compare with");
  return false;
}

/// Two parts, of quavers and of chords, over 32 quarters of `ticks` ticks.
Score two_parts(int ticks) {
  Score score;
  score.division.ticks_per_quarter = ticks;
  score.tracks.resize(2);
  const auto time = [ticks](double quarters) {
    return Ticks(static_cast<std::int64_t>(std::lround(quarters * ticks)));
  };
  for (int i = 0; i < 64; ++i) {
    const auto pitch = static_cast<std::uint8_t>(60 + (i * 7) % 19);
    score.tracks[0].notes.push_back({time(i / 2.0), time(0.5), 0, pitch, 90});
  }
  for (int i = 0; i < 16; ++i) {
    for (const int pitch : {43, 50, 59})
      score.tracks[1].notes.push_back(
          {time(2 * i), time(1.75), 1, static_cast<std::uint8_t>(pitch + i % 5), 70});
  }
  for (Track& track : score.tracks) track.end = time(33);
  score.tracks[1].messages = {{Ticks(0), 0xC1, {48, 0}}};
  return score;
}

}  // namespace

TEST_CASE("A rendering of any piece in the box is FluidSynth's own", "[e2e][render]") {
  if (!has_fluidsynth()) return;
  for (const std::string name : {"bwv996-bourree", "petzold-minuet-anh114", "irish-washerwoman"}) {
    INFO(name);
    CHECK(likeness("datasets/bundled/" + name + ".mid") > 0.99);
  }
}

TEST_CASE("A rendering is FluidSynth's own at any resolution", "[e2e][render]") {
  if (!has_fluidsynth()) return;
  for (const int ticks : {24, 96, 101, 220, 384, 1024, 15'360}) {
    INFO(ticks);
    CHECK(likeness(two_parts(ticks)) > 0.99);
  }
}

TEST_CASE("A rendering is FluidSynth's own through changes of tempo", "[e2e][render]") {
  if (!has_fluidsynth()) return;
  for (const int ticks : {96, 480}) {
    Score sudden = two_parts(ticks), gradual = sudden;
    sudden.tempos = {
        {Ticks(0), 700'000}, {Ticks(8 * ticks), 300'000}, {Ticks(20 * ticks), 999'999}};
    for (int i = 0; i < 32; ++i) {
      gradual.tempos.push_back(
          {Ticks(std::int64_t{i} * ticks), static_cast<std::uint32_t>(400'000 + 9'001 * i)});
    }
    INFO(ticks);
    CHECK(likeness(sudden) > 0.99);
    if (ticks == 480) CHECK(likeness(gradual) > 0.99);
  }
}

TEST_CASE("A rendering is FluidSynth's own with controllers, bends, programs and drums",
          "[e2e][render]") {
  if (!has_fluidsynth()) return;
  Score score = two_parts(480);
  auto& messages = score.tracks[0].messages;
  const auto add = [&](int quarter, int status, int first, int second) {
    messages.push_back({Ticks(480 * quarter),
                        static_cast<std::uint8_t>(status),
                        {static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second)}});
  };
  add(0, 0xB0, 7, 90);
  add(1, 0xB0, 64, 127);
  add(3, 0xB0, 64, 0);
  add(4, 0xE0, 0, 80);
  add(6, 0xE0, 0, 64);
  add(8, 0xB0, 0, 8);
  add(8, 0xC0, 19, 0);
  add(10, 0xB0, 1, 100);
  add(12, 0xB0, 10, 20);
  add(14, 0xB0, 91, 90);
  add(15, 0xB0, 93, 90);
  add(16, 0xD0, 60, 0);
  add(18, 0xB0, 11, 50);
  add(24, 0xB0, 121, 0);
  Track drums;
  for (int i = 0; i < 32; ++i) {
    const auto pitch = static_cast<std::uint8_t>(i % 2 == 0 ? 36 : 42);
    drums.notes.push_back({Ticks(480 * i), Ticks(120), 9, pitch, 100});
  }
  drums.end = Ticks(480 * 33);
  score.tracks.push_back(drums);
  CHECK(likeness(score) > 0.99);
}
