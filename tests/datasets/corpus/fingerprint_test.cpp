#include "datasets/corpus/fingerprint.hpp"

#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"

namespace musicvae::datasets {
namespace {

Passage joined(const Passage& a, const Passage& b) {
  Passage music = a;
  music.bars.insert(music.bars.end(), b.bars.begin(), b.bars.end());
  return music;
}

/// The same notes with every other bar line left out.
Passage in_double_bars(const Passage& music) {
  Passage wide{music.grid, {}};
  for (std::size_t at = 0; at < music.bars.size(); at += 2) {
    Bar bar = music.bars[at];
    for (GridNote note : music.bars[at + 1].notes) {
      note.onset += bar.length;
      bar.notes.push_back(note);
    }
    bar.length += music.bars[at + 1].length;
    wide.bars.push_back(bar);
  }
  return wide;
}

}  // namespace

TEST_CASE("Copies in another key, voicing, loudness, note length or barring have one content",
          "[datasets][corpus]") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Passage music = made::passage(seed, 8);
    const std::uint64_t content = fingerprint(music).content;
    Passage other = made::transposed(music, int(seed % 25) - 12);
    for (Bar& bar : other.bars) {
      for (GridNote& note : bar.notes) {
        note.velocity = 40;
        note.part = 3;
        note.duration = Steps(1);
      }
    }
    CHECK(fingerprint(other).content == content);
    CHECK(fingerprint(in_double_bars(music)).content == content);
  }
}

TEST_CASE("One note moved in time or pitch is another content", "[datasets][corpus]") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Passage music = made::passage(seed, 8);
    Passage later = music, higher = music;
    later.bars[4].notes.back().onset += Steps(1);
    higher.bars[4].notes.back().pitch = 90;
    CHECK(fingerprint(later).content != fingerprint(music).content);
    CHECK(fingerprint(higher).content != fingerprint(music).content);
  }
}

TEST_CASE("Pieces spread evenly over the split", "[datasets][corpus]") {
  int below = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const double at = split_position(fingerprint(made::passage(seed, 2)));
    REQUIRE((at >= 0 && at < 1));
    below += at < 0.1;
  }
  CHECK(below > 150);
  CHECK(below < 250);
}

TEST_CASE("A version with some bars changed is found, other music is not", "[datasets][corpus]") {
  NearDuplicates set;
  for (unsigned seed = 0; seed < 20; ++seed) set.add(seed, fingerprint(made::passage(seed, 16)));
  for (unsigned seed = 0; seed < 20; ++seed) {
    Passage version = made::transposed(made::passage(seed, 16), 3);
    version.bars[5] = version.bars[0];
    version.bars[11] = version.bars[2];
    CHECK(set.find(fingerprint(version)) == std::size_t(seed));
    CHECK_FALSE(set.find(fingerprint(made::passage(seed + 100, 16))).has_value());
  }
}

TEST_CASE("A piece that holds another as a part of it is found", "[datasets][corpus]") {
  NearDuplicates set;
  set.add(7, fingerprint(made::passage(1, 8)));
  const Passage medley = joined(made::passage(2, 30), made::passage(1, 8));
  CHECK(set.find(fingerprint(medley)) == std::size_t(7));
}

TEST_CASE("A tune is found under the accompaniment it is given", "[datasets][corpus]") {
  NearDuplicates set;
  const Passage tune = made::passage(1, 8);
  set.add(0, fingerprint(tune));
  Passage accompanied = tune;
  for (Bar& bar : accompanied.bars) {
    const std::size_t melody = bar.notes.size();
    for (std::size_t at = 0; at < melody; ++at) {
      GridNote bass = bar.notes[at];
      bass.pitch = 30;
      bar.notes.push_back(bass);
    }
  }
  CHECK(set.find(fingerprint(accompanied)) == std::size_t(0));
}

TEST_CASE("Too short a piece resembles nothing", "[datasets][corpus]") {
  NearDuplicates set;
  const Passage nothing{Grid{4}, {}};
  set.add(0, fingerprint(nothing));
  CHECK_FALSE(set.find(fingerprint(nothing)).has_value());
}

}  // namespace musicvae::datasets
