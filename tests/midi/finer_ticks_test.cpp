#include "midi/finer_ticks.hpp"

#include "tests/catch.hpp"
#include "tests/midi/random_score.hpp"

using namespace musicvae::midi;

TEST_CASE("A score in finer ticks sounds at the same times, with all its events",
          "[midi][score][property]") {
  std::mt19937 random(17);
  for (int round = 0; round < 200; ++round) {
    Score score = testing::random_score(random);
    if (score.division.is_smpte()) score.division = Division{};
    const int factor = 1 + int(random() % 12);
    const Score finer = with_finer_ticks(score, factor);
    REQUIRE(finer.division.ticks_per_quarter == factor * score.division.ticks_per_quarter);
    const TempoMap before(score), after(finer);
    const auto same = [&](Ticks coarse, Ticks fine) {
      return fine == coarse * factor &&
             after.seconds(fine).count == Approx(before.seconds(coarse).count);
    };
    const auto all_same = [&](const auto& coarse, const auto& fine) {
      REQUIRE(coarse.size() == fine.size());
      for (std::size_t i = 0; i < coarse.size(); ++i) {
        REQUIRE(same(coarse[i].time, fine[i].time));
        auto event = fine[i];
        event.time = coarse[i].time;
        REQUIRE((event == coarse[i]));
      }
    };
    all_same(score.tempos, finer.tempos);
    all_same(score.meters, finer.meters);
    all_same(score.keys, finer.keys);
    REQUIRE(finer.tracks.size() == score.tracks.size());
    for (std::size_t i = 0; i < score.tracks.size(); ++i) {
      const Track &coarse = score.tracks[i], &fine = finer.tracks[i];
      all_same(coarse.messages, fine.messages);
      all_same(coarse.metas, fine.metas);
      all_same(coarse.sysex, fine.sysex);
      REQUIRE(same(coarse.end, fine.end));
      REQUIRE(coarse.notes.size() == fine.notes.size());
      for (std::size_t n = 0; n < coarse.notes.size(); ++n) {
        REQUIRE(same(coarse.notes[n].onset, fine.notes[n].onset));
        REQUIRE(same(coarse.notes[n].duration, fine.notes[n].duration));
      }
    }
  }
}
