#include "midi/file/writer.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;

namespace {

const std::string kPiece = "datasets/bundled/petzold-minuet-anh114.mid";

}  // namespace

#ifdef MUSICVAE_SOUND

TEST_CASE("render writes the same WAV file to disk and to standard output", "[e2e][render]") {
  const Workspace folder;
  const auto made = program("render " + kPiece + " -o " + (folder / "a.wav") + " --json");
  REQUIRE(made.code == 0);
  const auto json = made.json();
  CHECK(json["peak"] > 0.05);
  CHECK(json["peak"] < 1);
  CHECK(json["seconds"] > json["score_seconds"]);
  CHECK(json["real_time_factor"] > 1);
  const std::string wav = read_text(folder / "a.wav");
  CHECK(wav.size() == 44 + 4 * json["frames"].get<std::size_t>());
  CHECK(program("render - -o - -q < " + kPiece).out == wav);
}

TEST_CASE("render writes the format that the name of its output ends in", "[e2e][render]") {
  const Workspace folder;
  const auto start_of = [&](const std::string& name) {
    const auto made = program("render -q " + kPiece + " -o " + (folder / name));
    INFO(made.err);
    REQUIRE(made.code == 0);
    const std::string sound = read_text(folder / name);
    CHECK(sound.size() > 10'000);
    return sound.substr(0, 4);
  };
  CHECK(start_of("a.wav") == "RIFF");
  CHECK(start_of("a.flac") == "fLaC");
  CHECK(start_of("a.ogg") == "OggS");
  CHECK(static_cast<unsigned char>(start_of("a.mp3")[0]) == 0xFF);
  const auto other = program("render " + kPiece + " -o " + (folder / "a.m4a"));
  CHECK(other.code == 1);
  CHECK_THAT(other.err, Catch::Contains(".flac"));
  const auto rate = program("render no-such.mid --sample-rate 9999 -o " + (folder / "b.mp3"));
  CHECK(rate.code == 1);
  CHECK_THAT(rate.err, Catch::Contains("--sample-rate"));
}

TEST_CASE("render says so where it had to make the sound quieter", "[e2e][render]") {
  const Workspace folder;
  const auto made = program("render " + kPiece + " -o " + (folder / "a.wav") + " --gain 10 --json");
  REQUIRE(made.code == 0);
  CHECK_THAT(made.err, Catch::Contains("quieter by"));
  CHECK(made.json()["peak"].get<double>() == Approx(0.98));
}

TEST_CASE("On a terminal render shows how far it is, elsewhere it does not", "[e2e][render]") {
  const Workspace folder;
  const std::string command =
      " render datasets/bundled/bwv996-bourree.mid -o " + (folder / "a.wav");
  CHECK_THAT(shell("script -qec '" MUSICVAE_PROGRAM + command + "' /dev/null").out,
             Catch::Contains("0:00 of 0:38"));
  CHECK_THAT(program(command).err, !Catch::Contains(" of 0:38") && Catch::Contains("a.wav"));
  CHECK(program(command + " -q").err.empty());
}

TEST_CASE("Ctrl-C ends a long rendering, which leaves no file behind", "[e2e][render]") {
  const Workspace folder;
  musicvae::midi::Score score;
  auto& track = score.tracks.emplace_back();
  for (int quarter = 0; quarter < 6'000; ++quarter) {
    for (const int pitch : {48, 55, 60, 64, 67})
      track.notes.push_back({musicvae::midi::Ticks(480 * quarter), musicvae::midi::Ticks(470), 0,
                             static_cast<std::uint8_t>(pitch + quarter % 5)});
  }
  track.end = musicvae::midi::Ticks(480 * 6'000);
  musicvae::midi::write_midi_file(score, folder / "long.mid");
  const auto outcome = shell(MUSICVAE_PROGRAM " render " + (folder / "long.mid") + " -o " +
                             (folder / "a.wav") + " & pid=$!\n" + kInterruptPid);
  CHECK(outcome.code == 130);
  CHECK_THAT(outcome.err, Catch::Contains("no sound was written"));
  CHECK(shell("ls -A " + (folder / "")).out == "long.mid\n");
}

TEST_CASE("render leaves no file behind when it fails, and says why", "[e2e][render]") {
  const Workspace folder;
  const auto no_font =
      program("render " + kPiece + " -o " + (folder / "a.wav") + " --soundfont " + kPiece);
  CHECK(no_font.code == 1);
  CHECK_THAT(no_font.err, Catch::Contains("cannot read the soundfont"));
  const auto full = shell(kFillDisk + "musicvae render " + kPiece + " -o " + (folder / "b.wav"));
  CHECK(full.code == 1);
  CHECK_THAT(full.err, Catch::Contains("cannot write"));
  CHECK(shell("ls -A " + (folder / "")).out.empty());
}

#else

TEST_CASE("render without FluidSynth says what to install", "[e2e][render]") {
  const auto refused = program("render " + kPiece + " -o /dev/null");
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Catch::Contains("libfluidsynth-dev"));
}

#endif
