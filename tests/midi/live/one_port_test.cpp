#include "midi/live/one_port.hpp"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "midi/live/playback.hpp"
#include "midi/orchestra.hpp"
#include "midi/part_mode.hpp"
#include "tests/catch.hpp"

namespace musicvae::midi {
namespace {

Track track_of(int port, int channel, int program) {
  Track track;
  track.metas = {{Ticks(0), kPort, std::string(1, static_cast<char>(port))}};
  track.messages = {{Ticks(0),
                     static_cast<std::uint8_t>(0xC0 | channel),
                     {static_cast<std::uint8_t>(program), 0}}};
  track.notes = {{Ticks(0), Ticks(9), static_cast<std::uint8_t>(channel)}};
  return track;
}

Score score_of(std::vector<Track> tracks) {
  Score score;
  score.tracks = std::move(tracks);
  return score;
}

TEST_CASE("A score of one port is played as it is", "[midi][port]") {
  CHECK_FALSE(join_ports(score_of({})));
  CHECK_FALSE(join_ports(score_of({track_of(3, 0, 1), track_of(3, 0, 2)})));
}

TEST_CASE("A channel that another port has taken gets a free one, and keeps its program",
          "[midi][port]") {
  const auto joined =
      join_ports(score_of({track_of(1, 0, 7), track_of(0, 0, 6), track_of(1, 1, 8)}));
  REQUIRE(joined);
  CHECK(joined->sharing == 0);
  CHECK(joined->score.tracks[0].notes[0].channel == 2);
  CHECK(joined->score.tracks[0].messages[0].status == 0xC2);
  CHECK(joined->score.tracks[1].notes[0].channel == 0);
  CHECK(joined->score.tracks[2].notes[0].channel == 1);
}

TEST_CASE("Drums of all ports stay on channel 10, and nothing else goes there", "[midi][port]") {
  std::vector<Track> tracks = {track_of(1, 9, 0)};
  for (int channel = 0; channel < 15; ++channel) {
    if (channel != 9) tracks.push_back(track_of(0, channel, 1));
  }
  for (int i = 0; i < 3; ++i) tracks.push_back(track_of(1, i, 2));
  const auto joined = join_ports(score_of(tracks));
  REQUIRE(joined);
  CHECK(joined->score.tracks[0].notes[0].channel == 9);
  CHECK(joined->sharing == 2);
  for (std::size_t i = 1; i < tracks.size(); ++i)
    CHECK(joined->score.tracks[i].notes[0].channel != 9);
  CHECK(make_playback(score_of(tracks)).sharing_channels == 2);
}

TEST_CASE("A message for a channel without notes does not reach another port's channel",
          "[midi][port]") {
  Track silent = track_of(1, 0, 7);
  silent.notes.clear();
  const auto joined = join_ports(score_of({track_of(0, 0, 6), track_of(1, 1, 8), silent}));
  REQUIRE(joined);
  CHECK(joined->score.tracks[2].messages.empty());
}

TEST_CASE("A track that goes to another port plays on that port's channels from there on",
          "[midi][port]") {
  Track track = track_of(0, 0, 6);
  track.metas.push_back({Ticks(10), kPort, "\x01"});
  track.messages.push_back({Ticks(10), 0xC0, {7, 0}});
  track.notes.push_back({Ticks(10), Ticks(9), 0});
  track.metas.push_back({Ticks(20), kPort, std::string(1, '\0')});
  track.notes.push_back({Ticks(20), Ticks(9), 0});
  const auto joined = join_ports(score_of({track}));
  REQUIRE(joined);
  const Track& result = joined->score.tracks[0];
  CHECK(result.notes[0].channel == 0);
  CHECK(result.notes[1].channel == 1);
  CHECK(result.notes[2].channel == 0);
  CHECK(result.messages[0].status == 0xC0);
  CHECK(result.messages[1].status == 0xC1);
}

TEST_CASE("A part mode goes to the number that its channel has got", "[midi][port]") {
  const std::string xg("\x43\x10\x4C\x08\x00\x07\x02\xF7", 8);
  for (const std::string& mode : {encode_part_mode({0, true}), xg}) {
    Track drums = track_of(1, 0, 7);
    drums.sysex = {{Ticks(0), 0xF0, mode}};
    const auto joined = join_ports(score_of({track_of(0, 0, 6), drums}));
    REQUIRE(joined);
    REQUIRE(joined->score.tracks[1].notes[0].channel == 1);
    const auto sent = decode_part_mode(joined->score.tracks[1].sysex[0].data);
    CHECK(sent == PartMode{1, true});
    const auto voices = find_orchestra(joined->score).voices;
    CHECK_FALSE(voices.at(0).drums);
    CHECK(voices.at(1).drums);
  }
}

TEST_CASE("Any channels of any ports keep their programs while there is room", "[midi][port]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<Track> tracks;
    std::set<std::pair<int, int>> used;
    while (used.size() < 12) {
      const int port = static_cast<int>(random() % 4), channel = static_cast<int>(random() % 9);
      if (used.emplace(port, channel).second)
        tracks.push_back(track_of(port, channel, static_cast<int>(random() % 128)));
    }
    const Score score = score_of(tracks);
    const auto joined = join_ports(score);
    if (!joined) continue;
    CHECK(joined->sharing == 0);
    std::set<int> channels;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      const Track& track = joined->score.tracks[i];
      CHECK(channels.insert(track.notes[0].channel).second);
      CHECK(track.messages[0].channel() == track.notes[0].channel);
      CHECK(track.messages[0].data == tracks[i].messages[0].data);
    }
  }
}

}  // namespace
}  // namespace musicvae::midi
