#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

TEST_CASE("Quantising what was made from a passage gives the passage back",
          "[datasets][to_score][property]") {
  Rng rng(21);
  for (int round = 0; round < 300; ++round) {
    const midi::Score score = random_score(rng);
    const Grid grid{std::vector<int>{4, 12, 24}[std::size_t(pick(rng, 0, 2))]};
    const Piece piece = quantize(score, grid);
    const Piece again = quantize(to_score(piece.music, style_of(score, piece)), grid);
    REQUIRE(again.music == piece.music);
    REQUIRE(again.parts == piece.parts);
    REQUIRE_FALSE(again.guess.any());
  }
}

TEST_CASE("A slice keeps its notes and bar lines, less silent last bars",
          "[datasets][to_score][property]") {
  Rng rng(22);
  for (int round = 0; round < 200; ++round) {
    const midi::Score score = random_score(rng);
    const Piece piece = quantize(score, Grid{4});
    const int bars = int(piece.music.bars.size()), first = pick(rng, 0, bars - 1);
    const Passage part = slice(piece.music, first, pick(rng, 1, bars - first));
    const Passage again = quantize(to_score(part, style_of(score, piece)), Grid{4}).music;
    CHECK(testing::note_count(again) == testing::note_count(part));
    for (std::size_t i = 0; i < std::min(again.bars.size(), part.bars.size()); ++i) {
      CHECK(again.bars[i].length == part.bars[i].length);
      CHECK(again.bars[i].notes.size() == part.bars[i].notes.size());
    }
  }
}

TEST_CASE("Tempo, key, meter, program and velocity are those of the input",
          "[datasets][to_score]") {
  midi::Score score;
  score.division.ticks_per_quarter = 220;
  score.tempos = {{midi::Ticks(0), 600'000}, {midi::Ticks(440), 400'000}};
  score.keys = {{midi::Ticks(440), -3, true}};
  score.meters = {{midi::Ticks(0), {6, 8}, 36, 8}};
  score.tracks.resize(1);
  score.tracks[0].metas = {{midi::Ticks(0), midi::kTrackName, "lute"}};
  score.tracks[0].messages = {{midi::Ticks(0), 0xC2, {24, 0}}};
  score.tracks[0].notes = {{midi::Ticks(880), midi::Ticks(220), 2, 60, 99, 0}};
  const Piece piece = quantize(score, Grid{12});
  const midi::Score result = to_score(piece.music, style_of(score, piece));

  CHECK(result.division.ticks_per_quarter % 12 == 0);
  REQUIRE(result.tempos.size() == 2);
  CHECK(result.tempos[1].microseconds_per_quarter == 400'000);
  REQUIRE(result.keys.size() == 1);
  CHECK(result.keys[0].sharps == -3);
  CHECK(result.meters.at(0).meter == midi::Meter{6, 8});
  REQUIRE(result.tracks.size() == 1);
  CHECK(midi::find_orchestra(result).voices ==
        std::vector<midi::Voice>{{0, 0, 2, 24, false, "lute"}});
  REQUIRE(result.tracks[0].notes.size() == 1);
  CHECK(result.tracks[0].notes[0].velocity == 99);
  const midi::TempoMap before(score), after(result);
  CHECK(after.seconds(result.tracks[0].notes[0].onset).count ==
        Approx(before.seconds(midi::Ticks(880)).count));
  CHECK(after.seconds(result.keys[0].time).count == Approx(before.seconds(midi::Ticks(440)).count));
}

TEST_CASE("A change of tempo or key far behind the music does not make the file as long",
          "[datasets][to_score][hostile]") {
  Rng rng(23);
  const Passage music = quantize(random_score(rng), Grid{4}).music;
  ScoreStyle style;
  style.tempos = {{midi::Ticks(0), 500'000}, {midi::Ticks(std::int64_t{1} << 30), 16'000'000}};
  style.keys = {{midi::Ticks(std::int64_t{1} << 30), 1, false}};
  const midi::Score score = to_score(music, style);
  CHECK(score.tempos == std::vector<midi::Tempo>{{midi::Ticks(0), 500'000}});
  CHECK(score.keys.empty());
}

TEST_CASE("Programs change where those of the input do", "[datasets][to_score]") {
  midi::Score score;
  score.tracks.resize(3);
  score.tracks[0].messages = {{midi::Ticks(0), 0xC0, {6, 0}}, {midi::Ticks(950), 0xC0, {7, 0}}};
  score.tracks[1].notes = {{midi::Ticks(0), midi::Ticks(480)},
                           {midi::Ticks(955), midi::Ticks(480)}};
  score.tracks[2].notes = {{midi::Ticks(960), midi::Ticks(480), 0, 40}};
  const Piece piece = quantize(score, Grid{4});
  const midi::Score result = to_score(piece.music, style_of(score, piece));
  CHECK(midi::find_orchestra(result).programs ==
        std::vector<midi::ProgramChange>{{midi::Ticks(0), 0, 0, 6}, {midi::Ticks(960), 0, 0, 7}});
  CHECK(midi::find_orchestra(result).voices ==
        std::vector<midi::Voice>{{0, 0, 0, 6, false, ""}, {1, 0, 0, 7, false, ""}});
}

/// One bar of notes on `channel` of every track, and messages that set up the orchestra.
midi::Score random_orchestra(std::mt19937& random) {
  const auto draw = [&](int below) { return static_cast<int>(random() % unsigned(below)); };
  const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
  midi::Score score;
  for (int track = 0; track < 4; ++track) {
    midi::Track made;
    const int channel = draw(3) == 0 ? 9 : draw(16);
    if (draw(3) == 0) made.metas.push_back({{}, midi::kPort, std::string(1, char(draw(2)))});
    if (draw(2) == 0) made.metas.push_back({{}, midi::kTrackName, "part " + std::to_string(track)});
    constexpr int kBanks[] = {0, 8, 120, 121, 126, 127};
    if (draw(2) == 0)
      made.messages.push_back({{}, byte(0xB0 | channel), {0, byte(kBanks[draw(6)])}});
    if (draw(4) > 0) made.messages.push_back({{}, byte(0xC0 | channel), {byte(draw(128)), 0}});
    if (draw(3) == 0)
      made.messages.push_back({midi::Ticks(960), byte(0xC0 | channel), {byte(draw(128)), 0}});
    const std::string mode =
        std::string("\x41\x10\x42\x12\x40") + char(0x10 | draw(16)) + "\x15" + char(draw(2));
    if (draw(3) == 0) made.sysex.push_back({{}, 0xF0, mode});
    for (int quarter = 0; quarter < 4; ++quarter) {
      made.notes.push_back({midi::Ticks(480 * quarter), midi::Ticks(480), byte(channel),
                            byte(40 + 10 * track + quarter)});
    }
    score.tracks.push_back(made);
  }
  return score;
}

TEST_CASE("Any orchestra is that of the input", "[datasets][to_score]") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const midi::Score score = random_orchestra(random);
    const Piece piece = quantize(score, Grid{4});
    const midi::Score result = to_score(piece.music, style_of(score, piece));
    INFO("seed " << seed);
    CHECK(midi::find_orchestra(result).voices == midi::find_orchestra(score).voices);
    CHECK(midi::find_orchestra(result).programs == midi::find_orchestra(score).programs);
    CHECK(quantize(result, Grid{4}).music == piece.music);
  }
}

TEST_CASE("A track that goes to another port becomes a part on each", "[datasets][to_score]") {
  midi::Score score;
  midi::Track track;
  for (int quarter = 0; quarter < 8; ++quarter)
    track.notes.push_back({midi::Ticks(480 * quarter), midi::Ticks(480), 0, 60});
  track.messages = {{midi::Ticks(0), 0xC0, {6, 0}}, {midi::Ticks(1920), 0xC0, {7, 0}}};
  track.metas = {{midi::Ticks(1920), midi::kPort, "\x01"}};
  score.tracks = {track};
  const Piece piece = quantize(score, Grid{4});
  REQUIRE(piece.parts.size() == 2);
  CHECK(piece.music.bars[0].notes[0].part == 0);
  CHECK(piece.music.bars[1].notes[0].part == 1);
  const midi::Score result = to_score(piece.music, style_of(score, piece));
  CHECK(midi::find_orchestra(result).voices ==
        std::vector<midi::Voice>{{0, 0, 0, 6, false, ""}, {1, 1, 0, 7, false, ""}});
  CHECK(result.tracks[1].notes.size() == 4);
}

TEST_CASE("An upbeat is written as a bar of its own meter", "[datasets][to_score]") {
  const Grid grid{4};
  GridNote note;
  note.duration = Steps(2);
  const Passage passage{grid, {{{6, 8}, Steps(2), {note}}, {{6, 8}, Steps(12), {note}}}};
  const midi::Score score = to_score(passage, {});
  REQUIRE(score.meters.size() == 2);
  CHECK(score.meters[0].meter == midi::Meter{1, 8});
  CHECK(score.meters[1].meter == midi::Meter{6, 8});
  CHECK(score.meters[1].time == midi::Ticks(240));
  const Piece again = quantize(score, grid);
  CHECK(again.music.bars[0].meter == midi::Meter{6, 8});
  CHECK(again.music.bars[0].length == Steps(2));
}

TEST_CASE("A short bar in mid-piece is followed by its meter stated anew", "[datasets][to_score]") {
  GridNote note;
  note.duration = Steps(1);
  const Bar full{{3, 4}, Steps(12), {note}}, cut{{3, 4}, Steps(10), {note}};
  const Passage passage{Grid{4}, {full, cut, full}};
  CHECK(to_score(passage, {}).meters.size() == 2);
  CHECK(quantize(to_score(passage, {}), Grid{4}).music == passage);
}

TEST_CASE("A note without a part of its kind gets one", "[datasets][to_score]") {
  GridNote pitched, drum;
  pitched.duration = drum.duration = Steps(1);
  drum.drum = true;
  pitched.part = 7;
  const Passage passage{Grid{4}, {{{4, 4}, Steps(16), {pitched, drum}}}};
  ScoreStyle style;
  style.parts = {{"drums", midi::kDrumChannel, 0, true}};
  const midi::Score score = to_score(passage, style);
  REQUIRE(score.tracks.size() == 2);
  CHECK(score.tracks[0].notes.at(0).channel == midi::kDrumChannel);
  CHECK(score.tracks[1].notes.at(0).channel == 0);
}

TEST_CASE("A resolution coarser than the grid is refused", "[datasets][to_score]") {
  ScoreStyle style;
  style.ticks_per_quarter = 10;
  CHECK_THROWS_AS(to_score({Grid{12}, {}}, style), DatasetError);
}
