#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae;
using namespace musicvae::test;
using Catch::Contains;
using midi::Ticks;

namespace {

/// A tiny model of a preset, trained on the pieces in the box.
std::string train(const Workspace& work, const std::string& preset) {
  const auto outcome = program("train datasets/bundled -q --steps 5 --preset " + preset + " -o " +
                               (work / preset) + kTinyModel + " --bars 4");
  REQUIRE(outcome.code == 0);
  return (work / preset) + "/model.safetensors";
}

/// The model that all tests of this file use.
const std::string& melody_model() {
  static const Workspace work;
  static const std::string path = train(work, "inpaint-melody-16bar-small");
  return path;
}
const std::string& notes_model() {
  static const Workspace work;
  static const std::string path = train(work, "inpaint-notes-8bar-small");
  return path;
}

const std::string kInvention = "datasets/bundled/bwv775-invention.mid";

Outcome run(const std::string& arguments) {
  return program("inpaint " + arguments + " --threads 1 -m " + melody_model());
}

/// Bars of 4/4 in quarters of 480 ticks. One bar, counted from 1, is silent.
midi::Score tune(int bars, int silent) {
  midi::Score score;
  score.tempos = {{Ticks(0), 450'000}};
  midi::Track track;
  track.metas = {{Ticks(0), midi::kTrackName, "Flute"}};
  track.messages = {{Ticks(0), 0xC0, {73, 0}}, {Ticks(2000), 0xB0, {7, 99}}};
  for (int quarter = 0; quarter < 4 * bars; ++quarter) {
    if (quarter / 4 + 1 == silent) continue;
    track.notes.push_back({Ticks(480 * quarter), Ticks(450), 0, std::uint8_t(60 + quarter % 5),
                           std::uint8_t(70 + quarter % 3), 33});
  }
  track.end = Ticks(1920 * bars);
  score.tracks = {track};
  return score;
}

std::string tune_file(const Workspace& work, int bars = 8, int silent = 0) {
  midi::write_midi_file(tune(bars, silent), work / "tune.mid");
  return work / "tune.mid";
}

/// The score without the notes that begin in [from, to).
midi::Score outside(midi::Score score, Ticks from, Ticks to) {
  for (midi::Track& track : score.tracks) {
    std::erase_if(track.notes,
                  [&](const midi::Note& note) { return note.onset >= from && note.onset < to; });
  }
  return score;
}

/// The score without the text that tells how it was made.
midi::Score read(const std::string& path) {
  auto score = midi::read_midi_file(path).score;
  auto& metas = score.tracks.at(0).metas;
  const bool tells = !metas.empty() && metas.front().data.starts_with("musicvae");
  if (tells) metas.erase(metas.begin());
  return score;
}

}  // namespace

TEST_CASE("Bars are filled, and all else in the file stays as it was", "[e2e][inpaint]") {
  const Workspace work;
  const auto outcome =
      run(tune_file(work) + " --bars 3-4 --seed 2 --json -o " + (work / "out.mid"));
  REQUIRE(outcome.code == 0);
  const auto json = outcome.json();
  CHECK(json["bars"] == std::vector<int>{3, 4});
  CHECK(json["files"] == std::vector<std::string>{work / "out.mid"});
  CHECK(json["context"] == true);
  const auto before = read(work / "tune.mid"), after = read(work / "out.mid");
  const Ticks from(2 * 1920), to(4 * 1920);
  CHECK((outside(before, from, to) == outside(after, from, to)));
  CHECK_FALSE((before == after));
  const auto kept = outside(after, from, to).tracks[0].notes.size();
  CHECK(json["notes"][0] == after.tracks[0].notes.size() - kept);
}

TEST_CASE("Bars to fill are those of the stated meter, and their time in the file is told",
          "[e2e][inpaint]") {
  const Workspace work;
  midi::Score score = tune(8, 0);
  std::erase_if(score.tracks[0].notes, [](const auto& note) { return note.onset < Ticks(960); });
  score.meters = {{Ticks(0), {4, 4}, 24, 8}};
  midi::write_midi_file(score, work / "tune.mid");
  const std::string call = (work / "tune.mid") + " --bars 3-4,6 --json -o " + (work / "out.mid");
  const auto stated = run(call);
  REQUIRE(stated.code == 0);
  CHECK_THAT(stated.err, Contains("fills bars 3-4 (0:03.6 to 0:07.2), 6 (0:09.0 to 0:10.8)"));
  const auto places = stated.json()["places"];
  REQUIRE(places.size() == 2);
  CHECK(places[0]["first_bar"] == 3);
  CHECK(places[0]["last_bar"] == 4);
  CHECK(places[0]["start_seconds"] == Approx(3.6));
  CHECK(places[1]["end_seconds"] == Approx(10.8));
  score.meters.clear();
  midi::write_midi_file(score, work / "tune.mid");
  const auto guessed = run(call);
  CHECK_THAT(guessed.err, Contains("states no meter") && Contains("bar 0") &&
                              Contains("--no-guess-bars") && Contains("3-4 (0:05.4 to 0:09.0)"));
  const auto plain = run(call + " --no-guess-bars");
  CHECK_THAT(plain.err, !Contains("states no meter") && Contains("3-4 (0:03.6 to 0:07.2)"));
}

TEST_CASE("Same seed, same fill; another seed, another", "[e2e][inpaint]") {
  const Workspace work;
  const std::string call = tune_file(work) + " --bars 5 -q -o ";
  CHECK(run(call + (work / "a.mid") + " --seed 5").code == 0);
  CHECK(run(call + (work / "b.mid") + " --seed 5").code == 0);
  CHECK(run(call + (work / "c.mid") + " --seed 6").code == 0);
  CHECK(read_text(work / "a.mid") == read_text(work / "b.mid"));
  CHECK(read_text(work / "a.mid") != read_text(work / "c.mid"));
}

TEST_CASE("Several alternatives go to a folder", "[e2e][inpaint]") {
  const Workspace work;
  const auto outcome =
      run(tune_file(work) + " --bars 5-6 -n 3 --candidates 2 --json -o " + (work / "fills"));
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["notes"].size() == 3);
  CHECK(entries(work / "fills") == 3);
  CHECK(read_text(work / "fills/01.mid") != read_text(work / "fills/03.mid"));
}

TEST_CASE("Silent bars are found and filled", "[e2e][inpaint]") {
  const Workspace work;
  const auto outcome = run(tune_file(work, 8, 6) + " --bars empty --json -o " + (work / "out.mid"));
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["bars"] == std::vector<int>{6});
  const auto last = run(tune_file(work, 8, 8) + " --bars empty --json -o " + (work / "last.mid"));
  REQUIRE(last.code == 0);
  CHECK(last.json()["bars"] == std::vector<int>{8});
  const auto none = run(tune_file(work) + " --bars empty -o " + (work / "none.mid"));
  CHECK(none.code == 1);
  CHECK_THAT(none.err, Contains("no bar is empty"));
  CHECK_FALSE(std::filesystem::exists(work / "none.mid"));
}

TEST_CASE("The rhythm of a gap is kept on request", "[e2e][inpaint]") {
  const Workspace work;
  const std::string call = tune_file(work) + " --bars 2-3 --keep rhythm -q -o ";
  REQUIRE(run(call + (work / "out.mid")).code == 0);
  const auto before = read(work / "tune.mid"), after = read(work / "out.mid");
  REQUIRE(after.tracks[0].notes.size() == before.tracks[0].notes.size());
  bool same_pitches = true;
  for (std::size_t i = 0; i < after.tracks[0].notes.size(); ++i) {
    CHECK(after.tracks[0].notes[i].onset == before.tracks[0].notes[i].onset);
    same_pitches &= after.tracks[0].notes[i].pitch == before.tracks[0].notes[i].pitch;
  }
  CHECK_FALSE(same_pitches);
}

TEST_CASE("The pitches of a gap are kept in their order on request", "[e2e][inpaint]") {
  const Workspace work;
  const auto pitches_by_time = [](const midi::Score& score) {
    std::vector<std::pair<std::int64_t, int>> notes;
    for (const midi::Track& track : score.tracks) {
      for (const midi::Note& note : track.notes) notes.emplace_back(note.onset.count, note.pitch);
    }
    std::sort(notes.begin(), notes.end());
    std::vector<int> pitches;
    for (const auto& [time, pitch] : notes) pitches.push_back(pitch);
    return pitches;
  };
  REQUIRE(run(tune_file(work) + " --bars 3-4 --keep pitches -q --seed 2 -o " + (work / "out.mid"))
              .code == 0);
  const auto before = read(work / "tune.mid"), after = read(work / "out.mid");
  CHECK(pitches_by_time(after) == pitches_by_time(before));
  CHECK_FALSE((after.tracks[0].notes == before.tracks[0].notes));
}

TEST_CASE("A fill has the key, chords and range that were asked for", "[e2e][inpaint]") {
  const Workspace work;
  const auto filled = [&](const std::string& options) {
    REQUIRE(run(kInvention + " --bars 5-6 -q --seed 1 -o " + (work / "out.mid") + options).code ==
            0);
    std::vector<std::set<int>> classes(2);
    const int ticks = read(kInvention).division.ticks_per_quarter;
    for (const midi::Track& track : read(work / "out.mid").tracks) {
      for (const midi::Note& note : track.notes) {
        const auto bar = note.onset.count * 2 / (3 * ticks);  // Of 3/8.
        if (bar == 4 || bar == 5) classes[std::size_t(bar - 4)].insert(note.pitch % 12);
      }
    }
    return classes;
  };
  const auto within = [](const std::set<int>& classes, const std::set<int>& allowed) {
    return std::includes(allowed.begin(), allowed.end(), classes.begin(), classes.end());
  };
  for (const auto& bar : filled(" --key Ab-minor")) {
    CHECK(within(bar, {8, 10, 11, 1, 3, 4, 6}));
  }
  const auto chords = filled(" --chords 'Ebm | A7'");
  CHECK(within(chords[0], {3, 6, 10}));
  CHECK(within(chords[1], {9, 1, 4, 7}));
  CHECK_FALSE(chords[0].empty());
}

TEST_CASE("One voice of several is filled alone, or all by a polyphonic model", "[e2e][inpaint]") {
  const Workspace work;
  const auto before = read(kInvention);
  const std::string bars = " --bars 5-8 -q -o ";
  REQUIRE(run(kInvention + " --track 2" + bars + (work / "one.mid")).code == 0);
  const auto one = read(work / "one.mid");
  REQUIRE(one.tracks.size() == before.tracks.size());
  const auto same = [&](const midi::Score& score) {
    int tracks = 0;
    for (std::size_t i = 0; i < score.tracks.size(); ++i)
      tracks += int(score.tracks[i] == before.tracks[i]);
    return tracks;
  };
  CHECK(same(one) == int(before.tracks.size()) - 1);
  REQUIRE(
      program("inpaint " + kInvention + " -m " + notes_model() + bars + (work / "all.mid")).code ==
      0);
  CHECK(same(read(work / "all.mid")) < same(one));
  const auto warned = run(kInvention + " --bars 5 -o " + (work / "line.mid"));
  CHECK(warned.code == 0);
  CHECK_THAT(warned.err, Contains("one voice in place of all") && Contains("--track"));
  const auto wrong = run(kInvention + " --track oboe" + bars + (work / "none.mid"));
  CHECK(wrong.code == 1);
  CHECK_THAT(wrong.err, Contains("oboe") && Contains("name one of these"));
}

TEST_CASE("Without --model, the default model fills, and another what lies off the sixteenths",
          "[e2e][inpaint]") {
  const Workspace work;
  const auto model_for = [&](const std::string& music) {
    const auto outcome = program("inpaint " + music + " --bars 3 --candidates 1 --json -o " +
                                 (work / "out.mid") + " --threads 1");
    REQUIRE(outcome.code == 0);
    return outcome.json()["model"].get<std::string>();
  };
  CHECK(model_for(tune_file(work)) == "lute-folk");
  CHECK(model_for(kInvention) == "lute-folk");
  CHECK(model_for(kInvention + " --keep rhythm") == "lute-folk");
  midi::Score triplets = tune(8, 0);
  for (midi::Note& note : triplets.tracks[0].notes) note.onset = note.onset + Ticks(160);
  midi::write_midi_file(triplets, work / "triplets.mid");
  CHECK(model_for(work / "triplets.mid") == "folk-melody-inpaint");
}

TEST_CASE("Chords beneath a tune stay as they are unless all tracks are asked for",
          "[e2e][inpaint]") {
  const Workspace work;
  for (const int channel : {0, 1}) {  // The chords' own channel, or that of the tune.
    midi::Score score = tune(8, 0);
    midi::Track chords;
    chords.metas = {{midi::Ticks(0), midi::kTrackName, "Strings"}};
    for (int bar = 0; bar < 8; ++bar) {
      for (const int pitch : {48, 52, 55, 60, 62, 64}) {
        chords.notes.push_back(
            {Ticks(1920 * bar), Ticks(1920), std::uint8_t(channel), std::uint8_t(pitch), 60, 0});
      }
    }
    chords.end = Ticks(1920 * 8);
    for (midi::Note& note : score.tracks[0].notes) note.pitch += 2;
    score.tracks.push_back(chords);
    midi::write_midi_file(score, work / "song.mid");
    const std::string call = (work / "song.mid") + " --bars 3-6 --seed 3 --json -o ";
    const auto outcome = run(call + (work / "tune.mid"));
    REQUIRE(outcome.code == 0);
    CHECK(outcome.json()["parts"] == std::vector<int>{1});
    CHECK_THAT(outcome.err,
               Contains("leaves the chords of part 2 (Strings)") && Contains("--track all"));
    const auto filled = read(work / "tune.mid");
    CHECK((filled.tracks[1] == score.tracks[1]));
    const auto kept = outside(filled, Ticks(2 * 1920), Ticks(6 * 1920)).tracks[0].notes.size();
    CHECK(outcome.json()["notes"][0] == filled.tracks[0].notes.size() - kept);
    CHECK(outcome.json()["notes_left_out"][0] == 0);
    CHECK_FALSE((filled == score));
    const auto all = run(call + (work / "all.mid") + " --track all");
    REQUIRE(all.code == 0);
    CHECK(all.json()["parts"] == std::vector<int>{1, 2});
    CHECK_FALSE((read(work / "all.mid").tracks[1] == score.tracks[1]));
  }
}

TEST_CASE("A file with a tick a quarter is filled on the model's grid", "[e2e][inpaint]") {
  const Workspace work;
  for (const int ticks : {1, 2, 4}) {
    midi::Score score = tune(8, 0);
    score.division.ticks_per_quarter = ticks;
    for (midi::Note& note : score.tracks[0].notes) {
      note.onset = Ticks(note.onset.count / 480 * ticks);
      note.duration = Ticks(ticks);
    }
    score.tempos[0].time = Ticks(8 * ticks);
    score.tracks[0].messages[1].time = Ticks(4 * ticks);
    score.tracks[0].end = Ticks(32 * ticks);
    midi::write_midi_file(score, work / "tune.mid");
    const auto outcome =
        run((work / "tune.mid") + " --bars 3-4 --seed 2 --json -o " + (work / "out.mid"));
    REQUIRE(outcome.code == 0);
    const auto after = read(work / "out.mid");
    const int factor = after.division.ticks_per_quarter / ticks;
    CHECK(after.division.ticks_per_quarter % ticks == 0);
    CHECK(after.tempos[0].time == Ticks(8 * ticks * factor));
    std::size_t inside = 0;
    for (const midi::Note& note : after.tracks[0].notes) {
      const bool in_gap =
          note.onset >= Ticks(8 * ticks * factor) && note.onset < Ticks(16 * ticks * factor);
      inside += in_gap;
      if (!in_gap) CHECK(note.onset.count % (ticks * factor) == 0);
    }
    CHECK(outcome.json()["notes"][0] == inside);
    CHECK(outcome.json()["notes_left_out"][0] == 0);
  }
}

TEST_CASE("Kept rhythm is that of the performer, not of the grid", "[e2e][inpaint]") {
  const Workspace work;
  midi::Score score = tune(8, 0);
  for (std::size_t i = 0; i < score.tracks[0].notes.size(); ++i) {
    midi::Note& note = score.tracks[0].notes[i];
    note.onset += Ticks(std::int64_t(i * 37 % 53));
    note.duration = Ticks(150 + std::int64_t(i * 29 % 211));
  }
  midi::write_midi_file(score, work / "tune.mid");
  const auto outcome =
      run((work / "tune.mid") + " --bars 3-6 --keep rhythm --json -o " + (work / "out.mid"));
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["notes_left_out"][0] == 0);
  auto after = read(work / "out.mid");
  REQUIRE(after.tracks[0].notes.size() == score.tracks[0].notes.size());
  CHECK_FALSE((after == score));
  for (std::size_t i = 0; i < score.tracks[0].notes.size(); ++i)
    after.tracks[0].notes[i].pitch = score.tracks[0].notes[i].pitch;
  CHECK((after == score));
}

TEST_CASE("A fill can be piped", "[e2e][inpaint]") {
  const Workspace work;
  const auto outcome = shell("musicvae inpaint - --bars 2 -q -o - -m " + melody_model() + " <" +
                             tune_file(work) + " | musicvae inspect --json -");
  CHECK(outcome.code == 0);
  CHECK(outcome.json()["bars"] == 8);
}

TEST_CASE("Without music around the gap it is filled by a sample, with a warning",
          "[e2e][inpaint]") {
  const Workspace work;
  for (const std::string bars : {"1-8", "1-5,7-8"}) {
    const auto outcome =
        run(tune_file(work, 8, 6) + " --bars " + bars + " -n 2 --json -o " + (work / bars));
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.err, Contains("warning") && Contains("nothing is known"));
    CHECK(outcome.json()["context"] == false);
    CHECK(outcome.json()["files"].size() == 2);
  }
}

TEST_CASE("Where the bars to fill hold no notes, there is nothing to keep", "[e2e][inpaint]") {
  const Workspace work;
  for (const std::string keep : {"rhythm", "pitches"}) {
    const auto outcome =
        run(tune_file(work, 8, 6) + " --bars empty --keep " + keep + " -o " + (work / "out.mid"));
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, Contains("nothing to keep"));
    CHECK_FALSE(std::filesystem::exists(work / "out.mid"));
  }
}

TEST_CASE("Wrong usage of inpaint ends with 2", "[e2e][inpaint][usage]") {
  const Workspace work;
  const std::string call = "inpaint " + tune_file(work);
  const std::string out = " -o " + (work / "out.mid");
  CHECK(program(call + out).code == 2);
  CHECK(program(call + " --bars 3").code == 2);
  for (const std::string bars : {"x", "3-", "8-5", "1,,2"}) {
    const auto outcome = program(call + " --bars " + bars + out);
    INFO(bars);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, Contains("--bars " + bars));
  }
  CHECK(program(call + " --bars 3 --keep tempo" + out).code == 2);
  CHECK(program(call + " --bars 3 -n 0" + out).code == 2);
  CHECK(program(call + " --bars 3 -n 2 -o -").code == 2);
  CHECK(program(call + " --bars 3 --json -o -").code == 2);
  CHECK_FALSE(std::filesystem::exists(work / "out.mid"));
}

TEST_CASE("What cannot be filled ends with 1 and says why", "[e2e][inpaint][errors]") {
  const Workspace work;
  const std::string out = " -o " + (work / "out.mid");
  const auto beyond = run(tune_file(work) + " --bars 6-40" + out);
  CHECK(beyond.code == 1);
  CHECK_THAT(beyond.err, Contains("bar 40") && Contains("8 bars"));
  midi::Score empty = tune(0, 0);
  midi::write_midi_file(empty, work / "empty.mid");
  const auto silence = run((work / "empty.mid") + " --bars 1" + out);
  CHECK(silence.code == 1);
  CHECK_THAT(silence.err, Contains("empty.mid") && Contains("no notes"));
  for (midi::Note& note : (empty = tune(4, 0)).tracks[0].notes) note.channel = 9;
  midi::write_midi_file(empty, work / "drums.mid");
  const auto drums = run((work / "drums.mid") + " --bars 1" + out);
  CHECK(drums.code == 1);
  CHECK_THAT(drums.err, Contains("drums.mid") && Contains("but drums"));
  REQUIRE(program("train datasets/bundled -q --steps 1 --threads 1 --family flat --bars 2 "
                  "--latent 4 --encoder-hidden 8 --decoder-hidden 8 -o " +
                  (work / "run"))
              .code == 0);
  const auto model = program("inpaint " + tune_file(work) + " --bars 2 -m " +
                             (work / "run/model.safetensors") + out);
  CHECK(model.code == 1);
  CHECK_THAT(model.err, Contains("--model") && Contains("flat"));
  const auto both =
      program("inpaint " + tune_file(work) + " --bars 2 --keep pitches --key C" + out);
  CHECK(both.code == 2);
  CHECK_THAT(both.err, Contains("--keep pitches"));
  CHECK_FALSE(std::filesystem::exists(work / "out.mid"));
}

TEST_CASE("A disk that fills up while inpainting leaves the file of before",
          "[e2e][inpaint][errors]") {
  const Workspace work;
  std::ofstream(work / "out.mid") << "old";
  const auto outcome = shell(kFillDisk + "musicvae inpaint " + kInvention + " --bars 3 -m " +
                             melody_model() + " -o " + (work / "out.mid"));
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("out.mid"));
  CHECK(read_text(work / "out.mid") == "old");
}

TEST_CASE("Ctrl-C ends the drawing of many candidates, which leaves no file behind",
          "[e2e][inpaint]") {
  const Workspace work;
  const std::string out = work / "out.mid";
  const std::string command = MUSICVAE_PROGRAM " inpaint " + kInvention +
                              " --bars 3-18 --candidates 1000 --threads 1 -m " + notes_model() +
                              " -o " + out;
  const auto outcome = shell(command + " & pid=$!\n" + kInterruptPid);
  CHECK(outcome.code == 130);
  CHECK_THAT(outcome.err, Contains("none of 1 fills were made"));
  CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("On a terminal inpaint shows how far it is within one fill", "[e2e][inpaint]") {
  const Workspace work;
  const auto shown = shell("script -qec '" MUSICVAE_PROGRAM " inpaint " + kInvention +
                           " --bars 3-10 --candidates 300 --threads 1 -m " + notes_model() +
                           " -o " + (work / "out.mid") + "' /dev/null");
  CHECK(shown.code == 0);
  CHECK_THAT(shown.out, Contains("0 of 1 fills"));
  CHECK(std::filesystem::exists(work / "out.mid"));
}
