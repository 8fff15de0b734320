#include "midi/score.hpp"

#include "tests/catch.hpp"

using namespace musicvae::midi;

TEST_CASE("The tempo map turns ticks to seconds across tempo changes and back", "[midi][score]") {
  Score score;
  score.division.ticks_per_quarter = 100;
  score.tempos = {{Ticks(200), 1'000'000}, {Ticks(300), 250'000}};
  const TempoMap map(score);
  CHECK(map.seconds(Ticks(200)).count == Approx(1.0));  // 120 a minute until a tempo is set
  CHECK(map.seconds(Ticks(300)).count == Approx(2.0));
  CHECK(map.seconds(Ticks(500)).count == Approx(2.5));
  for (const int tick : {0, 1, 199, 200, 250, 301, 1000}) {
    CHECK(map.ticks(map.seconds(Ticks(tick))) == Ticks(tick));
  }
}

TEST_CASE("SMPTE ticks are fractions of a frame, 29 frames a second drop-frame", "[midi][score]") {
  const auto map = [](int frames) {
    Score score;
    score.division = {0, frames, 40};
    score.tempos = {{Ticks(0), 1'000'000}};  // Changes nothing: frames are of fixed length.
    return TempoMap(score);
  };
  CHECK(map(25).seconds(Ticks(1000)).count == Approx(1.0));
  CHECK(map(29).seconds(Ticks(1200)).count == Approx(1.001));
  CHECK(map(25).ticks(Seconds(2.0)) == Ticks(2000));
}

TEST_CASE("Seconds are rounded to the nearest tick", "[midi][score]") {
  Score score;
  score.division.ticks_per_quarter = 50;  // 100 ticks a second
  CHECK(TempoMap(score).ticks(Seconds(0.018)) == Ticks(2));
  CHECK(TempoMap(score).ticks(Seconds(0.012)) == Ticks(1));
}

TEST_CASE("A score's notes and its end count over all tracks", "[midi][score]") {
  Score score;
  score.tracks.resize(3);
  score.tracks[0].end = Ticks(50);
  score.tracks[1].notes = {{Ticks(10), Ticks(90)}, {Ticks(20), Ticks(1)}};
  score.tracks[2].notes = {{Ticks(10), Ticks(1)}};
  CHECK(note_count(score) == 3);
  CHECK(end_time(score) == Ticks(100));
  score.tracks[0].end = Ticks(101);
  CHECK(end_time(score) == Ticks(101));
}

TEST_CASE("A track that ends far behind the music does not make it longer", "[midi][score]") {
  Score score;
  score.tracks.resize(2);
  score.tracks[0].notes = {{Ticks(0), Ticks(1920)}};
  const Ticks longest = Ticks(1920) + Ticks(1920) * kMostSilentBars;
  score.tracks[1].end = longest;
  CHECK(end_time(score) == longest);
  score.tracks[1].end += Ticks(1);
  CHECK(end_time(score) == Ticks(1920));
  score.tracks[1].messages = {{Ticks(2500), 0xB0, {64, 0}}};
  CHECK(end_time(score) == longest + Ticks(1));
  score.tracks[1].end = Ticks(std::int64_t{1} << 40);
  CHECK(end_time(score) == Ticks(2500));
}

TEST_CASE("A bar is as long as the meter in force says", "[midi][score]") {
  Score score;
  score.meters = {{Ticks(1920), {3, 8}}};
  CHECK(bar_length_at(score, Ticks(1919)) == Ticks(1920));
  CHECK(bar_length_at(score, Ticks(1920)) == Ticks(720));
  score.division = {0, 25, 40};
  CHECK(bar_length_at(score, Ticks(0)) == Ticks(2000));
}
