#include "datasets/corpus/source.hpp"

#include <fstream>

#include "midi/file/writer.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"
#include "tests/temporary_folder.hpp"

namespace musicvae::datasets {
namespace {

const Grid kGrid{4};

SourceOutcome source_of(const midi::Score& score, const std::string& codec = "notes",
                        const CorpusOptions& options = {}) {
  const test::TemporaryFolder folder;
  midi::write_midi_file(score, folder / "a.mid");
  auto sources = read_source(folder / "a.mid", *make_codec(codec, kGrid), options);
  REQUIRE(sources.size() == 1);
  return sources.front();
}

midi::Score score_of(const Passage& music) { return to_score(music, ScoreStyle{}); }

midi::Score performed() {
  midi::Score score = score_of(made::passage(3, 30));
  std::mt19937 random(1);
  for (midi::Note& note : score.tracks.back().notes) {
    note.onset += midi::Ticks(made::draw(random, 0, 119));
  }
  auto& notes = score.tracks.back().notes;
  std::stable_sort(notes.begin(), notes.end(),
                   [](const auto& a, const auto& b) { return a.onset < b.onset; });
  return score;
}

}  // namespace

TEST_CASE("A file becomes the bars that were written to it", "[datasets][corpus]") {
  const Passage music = made::passage(1, 8);
  const SourceOutcome source = source_of(score_of(music));
  REQUIRE(source.piece.has_value());
  CHECK(source.piece->print.content == fingerprint(music).content);
  CHECK(source.piece->notes > 8);
  CHECK(source.piece->dropped.empty());
  CHECK(source.warnings.empty());
}

TEST_CASE("What the codec cannot say is counted", "[datasets][corpus]") {
  Passage music = made::passage(1, 2);
  music.bars[0].notes = {{Steps(0), Steps(4), 60, 80, 0}, {Steps(0), Steps(4), 64, 80, 0}};
  const SourceOutcome source = source_of(score_of(music), "melody");
  REQUIRE(source.piece.has_value());
  CHECK(dropped_notes(source.piece->dropped) >= 1);
}

TEST_CASE("A performance is refused unless it is asked for", "[datasets][corpus]") {
  CHECK_THAT(source_of(performed()).refusal.reason, Catch::Contains("performed off the grid"));
  CorpusOptions keep;
  keep.keep_performed = true;
  CHECK(source_of(performed(), "notes", keep).piece.has_value());
}

TEST_CASE("Bars that were guessed are told, and can be left unguessed", "[datasets][corpus]") {
  midi::Score score = score_of(made::passage(1, 8));
  CHECK(source_of(score).warnings.empty());
  score.meters.clear();
  for (midi::Note& note : score.tracks.back().notes) note.onset += midi::Ticks(3 * 480);
  REQUIRE(source_of(score).warnings.size() == 1);
  CHECK_THAT(source_of(score).warnings[0], Catch::Contains("bars guessed"));
  CorpusOptions plain;
  plain.quantizing.guess_bars = false;
  CHECK(source_of(score, "notes", plain).warnings.empty());
}

TEST_CASE("A file of drums alone is refused by a codec of pitches", "[datasets][corpus]") {
  midi::Score score = score_of(made::passage(1, 4));
  midi::Track drums = score.tracks.back();
  for (midi::Note& note : drums.notes) note.channel = midi::kDrumChannel;
  score.tracks.push_back(drums);
  const SourceOutcome mixed = source_of(score);
  REQUIRE(mixed.piece.has_value());
  CHECK(dropped_notes(mixed.piece->dropped) == drums.notes.size());
  CHECK(mixed.piece->print.content == fingerprint(made::passage(1, 4)).content);
  score.tracks = {drums};
  CHECK(source_of(score).refusal.reason == "no notes that the codec can say");
}

TEST_CASE("A file without notes and a file that is no MIDI are refused by name of the fault",
          "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "text.mid") << "This is not music.";
  const auto codec = make_codec("notes", kGrid);
  CHECK(source_of(midi::Score{1, {}, {midi::Track{}}, {}, {}, {}}).refusal.reason == "no notes");
  CHECK_THAT(read_source(folder / "text.mid", *codec, {}).at(0).refusal.reason,
             Catch::Matchers::StartsWith("not MIDI"));
  CHECK(read_source(folder / "absent.mid", *codec, {}).at(0).refusal.reason ==
        "cannot be read from the disk");
}

TEST_CASE("A bar that is too long for the codec costs that bar, and parts the piece",
          "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  Passage music = made::passage(1, 9);
  std::mt19937 random(1);
  music.bars[3] = made::bar(random, kGrid, midi::Meter{250, 4}, 4);
  midi::write_midi_file(score_of(music), folder / "a.mid");
  const std::string name = GENERATE(as<std::string>{}, "melody", "notes", "pianoroll");
  const auto sources = read_source(folder / "a.mid", *make_codec(name, kGrid), {});
  REQUIRE(sources.size() == 2);
  REQUIRE((sources[0].piece && sources[1].piece));
  CHECK(sources[0].piece->print.content == fingerprint(slice(music, 0, 3)).content);
  CHECK(sources[1].piece->print.content == fingerprint(slice(music, 4, 5)).content);
  CHECK(sources[0].piece->split_position == sources[1].piece->split_position);
  CHECK(sources[0].name == sources[1].name);
  CHECK(sources[0].warnings.size() == 1);
  CHECK(sources[1].warnings.empty());
}

TEST_CASE("Messages that differ in numbers alone are of one kind", "[datasets][corpus]") {
  CHECK(message_kind("a chunk of 123 bytes, 4 are left (byte 99)") ==
        "a chunk of N bytes, N are left");
  CHECK(message_kind("expected 'MThd', found 'RIFX' (byte 0)") == "expected 'MThd'");
  CHECK(message_kind("no header") == "no header");
}

}  // namespace musicvae::datasets
