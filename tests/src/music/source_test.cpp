#include "src/music/source.hpp"

#include <algorithm>

#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets::testing;
using Catch::Contains;

namespace {

/// A note of each pitch on a channel, a quarter each.
midi::ReadResult file_of(const std::vector<int>& pitches, int channel) {
  midi::ReadResult file;
  file.score.tracks.emplace_back();
  midi::Ticks time;
  for (const int pitch : pitches) {
    file.score.tracks[0].notes.push_back(
        {time, midi::Ticks(480), std::uint8_t(channel), std::uint8_t(pitch), 80, 0});
    time += midi::Ticks(480);
  }
  return file;
}

}  // namespace

TEST_CASE("A file with nothing that a model can say is refused, and the reason told",
          "[src][source]") {
  for (const std::string& name : datasets::codec_names()) {
    const auto codec = datasets::make_codec(name, {12});
    const auto make = [&](const midi::ReadResult& file) {
      return make_source("a.mid", file, *codec);
    };
    INFO(name);
    CHECK_THROWS_WITH(make(file_of({36, 38, 36, 38}, 9)),
                      "a.mid: there are no notes in it but drums");
    CHECK_THROWS_WITH(make(file_of({5, 120, 127}, 0)),
                      "a.mid: there are no notes in it that the model knows");
    CHECK_THROWS_WITH(make(file_of({}, 0)), "a.mid: there are no notes in it");
    CHECK(make(file_of({5, 60}, 0)).piece.report.notes == 2);
  }
}

TEST_CASE("A file is refused exactly where its codec drops every note", "[src][source][property]") {
  Rng rng(61);
  int refused = 0;
  for (int round = 0; round < 200; ++round) {
    midi::ReadResult file;
    file.score = random_score(rng);
    for (midi::Track& track : file.score.tracks) {
      const bool drums = pick(rng, 0, 1) == 0, low = pick(rng, 0, 3) == 0;
      for (midi::Note& note : track.notes) {
        if (drums) note.channel = midi::kDrumChannel;
        if (low) note.pitch = std::uint8_t(note.pitch % 21);
      }
    }
    const auto codec = datasets::make_codec(pick(rng, 0, 1) == 0 ? "notes" : "melody", {4});
    const auto known = [](const midi::Note& note) {
      return note.channel != midi::kDrumChannel && note.pitch >= 21 && note.pitch <= 108;
    };
    const bool any = std::any_of(
        file.score.tracks.begin(), file.score.tracks.end(), [&](const midi::Track& track) {
          return std::any_of(track.notes.begin(), track.notes.end(), known);
        });
    refused += !any;
    if (any) {
      CHECK_NOTHROW(make_source("a.mid", file, *codec));
    } else {
      CHECK_THROWS_AS(make_source("a.mid", file, *codec), Error);
    }
  }
  CHECK(refused > 20);
}
