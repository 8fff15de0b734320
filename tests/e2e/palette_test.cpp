#include <filesystem>
#include <map>

#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "midi/orchestra.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

/// Commands that move music in latent space: vary, grid, similar, attributes, tune.

using namespace musicvae;
using namespace musicvae::test;
using Catch::Contains;

namespace {

const std::string kMinuet = "datasets/bundled/petzold-minuet-anh114.mid";
const std::string kFolia = "datasets/bundled/folia.mid";
const std::string kOde = "datasets/bundled/ode-to-joy.mid";
const std::string kBourree = "datasets/bundled/bwv996-bourree.mid";
const std::string kFour = kMinuet + " " + kFolia + " " + kOde + " " + kBourree;

std::vector<std::string> markers(const midi::Score& score) {
  std::vector<std::string> texts;
  for (const auto& meta : score.tracks.at(0).metas) {
    if (meta.type == 6) texts.push_back(meta.data);
  }
  return texts;
}

/// Pitches from tick `from` on, of notes that begin before tick `to`.
std::vector<int> pitches(const std::string& file, midi::Ticks from = midi::Ticks(0),
                         midi::Ticks to = midi::Ticks(INT64_MAX)) {
  std::vector<int> all;
  for (const auto& track : midi::read_midi_file(file).score.tracks) {
    for (const auto& note : track.notes) {
      if (note.onset >= from && note.onset < to) all.push_back(note.pitch);
    }
  }
  return all;
}

/// Whether all pitches are of classes that have a 1 in `classes`, which goes from C up.
bool within(const std::vector<int>& pitches, const std::string& classes) {
  return std::all_of(pitches.begin(), pitches.end(),
                     [&](int pitch) { return classes[std::size_t(pitch % 12)] == '1'; });
}

const std::string kDMinor = "101011010110";

}  // namespace

TEST_CASE("Variations are different, and as like the piece as was asked for", "[e2e][vary]") {
  const Workspace work;
  const std::string call = "vary --json --seed 3 -n 3 " + kMinuet;
  const auto near = program(call + " --similarity 0.9 -o " + (work / "near")).json();
  const auto far = program(call + " --similarity 0.3 -o " + (work / "far")).json();
  REQUIRE(near["variations"].size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(near["variations"][i]["note_f1"] > 0.8);
    CHECK(far["variations"][i]["note_f1"] < 0.6);
  }
  CHECK(read_text(work / "near/variation-01.mid") != read_text(work / "near/variation-02.mid"));
  const auto again = program(call + " --similarity 0.9 -o " + (work / "again")).json();
  CHECK(again["variations"][2]["note_f1"] == near["variations"][2]["note_f1"]);
  CHECK(read_text(work / "near/variation-03.mid") == read_text(work / "again/variation-03.mid"));
}

TEST_CASE("A variation keeps tempo, key, meter and parts of its piece", "[e2e][vary]") {
  const Workspace work;
  REQUIRE(program("vary -q --seed 1 " + kMinuet + " -o " + (work / "out.mid")).code == 0);
  const auto in = midi::read_midi_file(kMinuet).score;
  const auto out = midi::read_midi_file(work / "out.mid").score;
  CHECK(out.tempos.at(0).microseconds_per_quarter == in.tempos.at(0).microseconds_per_quarter);
  CHECK(out.keys.at(0).sharps == in.keys.at(0).sharps);
  CHECK(out.meters.at(0).meter == in.meters.at(0).meter);
  CHECK(midi::find_orchestra(out).voices.size() == midi::find_orchestra(in).voices.size());
}

TEST_CASE("Notes keep to a key, whatever moves them, and the file states it",
          "[e2e][vary][grid][constraints]") {
  const Workspace work;
  const std::string out = " --seed 1 -q --key D-minor -o " + (work / "out.mid");
  for (const std::string& call :
       {"vary --similarity 0.6 " + kMinuet, "reconstruct " + kMinuet,
        "interpolate --bars 4 --steps 3 " + kMinuet + " " + kOde, "grid --bars 2 --size 2 " + kFour,
        "grid --bars 8 --path '0,0;1,1' " + kFour, "reconstruct --attribute diatonic=-1 " + kOde,
        "vary --attribute density=+1 " + kOde}) {
    INFO(call);
    REQUIRE(program(call + out).code == 0);
    const auto score = midi::read_midi_file(work / "out.mid").score;
    CHECK(pitches(work / "out.mid").size() > 8);
    CHECK(within(pitches(work / "out.mid"), kDMinor));
    CHECK(int(score.keys.at(0).sharps) == -1);
    CHECK(score.keys.at(0).minor);
  }
}

TEST_CASE("Each bar keeps to its chord and all to the range, from the first bar of each step",
          "[e2e][vary][grid][constraints]") {
  const Workspace work;
  const std::string out = " --seed 1 -q --chords 'Am E' --range C3-C5 -o " + (work / "out.mid");
  const midi::Ticks bar(4 * 480);  // The Ode's.
  for (const std::string& call :
       {"vary --similarity 0.5 " + kOde, "reconstruct " + kOde,
        "interpolate --bars 3 --steps 3 " + kOde + " " + kOde,
        "grid --bars 3 --size 2 " + kOde + " " + kOde + " " + kOde + " " + kOde}) {
    INFO(call);
    REQUIRE(program(call + out).code == 0);
    const int step_bars = call.starts_with("interpolate") || call.starts_with("grid") ? 3 : 1000;
    const auto bars =
        midi::end_time(midi::read_midi_file(work / "out.mid").score).count / bar.count;
    for (std::int64_t i = 0; i < bars; ++i) {
      INFO(i);
      const bool first = i % step_bars % 2 == 0;
      const auto sounding = pitches(work / "out.mid", bar * i, bar * (i + 1));
      CHECK(within(sounding, first ? "100010000100" : "000010001001"));
      for (const int pitch : sounding) CHECK((pitch >= 48 && pitch <= 72));
    }
  }
}

TEST_CASE("Drums stay as they are, and are not told of as lost", "[e2e][vary]") {
  const Workspace work;
  midi::Score score = midi::read_midi_file(kOde).score;
  midi::Track drums;
  for (int beat = 0; beat < 32; ++beat) {
    midi::Note note;
    note.onset = midi::Ticks(beat * 480);
    note.duration = midi::Ticks(120);
    note.channel = 9;
    note.pitch = beat % 2 == 0 ? 36 : 38;
    drums.notes.push_back(note);
  }
  drums.end = midi::Ticks(32 * 480);
  score.tracks.push_back(drums);
  midi::write_midi_file(score, work / "in.mid");
  const std::string out = " --seed 1 --key Ab " + (work / "in.mid") + " -o " + (work / "out.mid");
  for (const std::string command : {"vary --similarity 0.4 --bars 3-6", "vary", "reconstruct"}) {
    INFO(command);
    const auto outcome = program(command + out);
    REQUIRE(outcome.code == 0);
    CHECK(outcome.err.find("drums") == std::string::npos);
    std::vector<midi::Note> kept;
    for (const auto& track : midi::read_midi_file(work / "out.mid").score.tracks) {
      for (const auto& note : track.notes) {
        if (note.channel == 9) kept.push_back(note);
      }
    }
    CHECK((kept == drums.notes));
  }
}

TEST_CASE("Bars that are not varied keep their notes, whatever is asked of the others",
          "[e2e][vary][constraints]") {
  const Workspace work;
  REQUIRE(program("vary --seed 1 -q --similarity 0.3 --bars 5-8 --key Ab --attribute density=-1 " +
                  kOde + " -o " + (work / "out.mid"))
              .code == 0);
  const midi::Ticks bar(4 * 480), none(0), end(INT64_MAX);
  CHECK(pitches(work / "out.mid", none, bar * 4) == pitches(kOde, none, bar * 4));
  CHECK(pitches(work / "out.mid", bar * 8, end) == pitches(kOde, bar * 8, end));
  CHECK(within(pitches(work / "out.mid", bar * 4, bar * 8), "110101011010"));
  const auto keys = [](const std::string& file) { return midi::read_midi_file(file).score.keys; };
  CHECK(keys(work / "out.mid").at(0).sharps == keys(kOde).at(0).sharps);
}

TEST_CASE("What no note can keep to is refused before anything is made",
          "[e2e][vary][grid][constraints][errors]") {
  const Workspace work;
  const std::string wrong = " --chords 'C D' --range C4-C4 -o " + (work / "out");
  for (const std::string& call :
       {"vary -n 2 " + kOde, "reconstruct " + kOde,
        "interpolate --separate " + kOde + " " + kMinuet, "grid " + kFour}) {
    INFO(call);
    const auto outcome = program(call + wrong);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, Contains("bar 2 can have no note"));
    CHECK(program(call + " --key H -o " + (work / "out")).code == 2);
    CHECK_FALSE(std::filesystem::exists(work / "out"));
  }
}

TEST_CASE("Usage of vary that makes no sense is refused", "[e2e][vary][errors]") {
  const Workspace work;
  const std::string out = " -o " + (work / "out");
  for (const std::string& wrong : {"--similarity 1.1" + out, "--similarity=-0.1" + out,
                                   "-n 0" + out, std::string("-n 2 -o -"), std::string("")}) {
    INFO(wrong);
    CHECK(program("vary " + kMinuet + " " + wrong).code == 2);
  }
  const auto none = program("vary " + kMinuet + " --bars 99" + out);
  CHECK(none.code == 1);
  CHECK_THAT(none.err, Contains("--bars"));
  CHECK_FALSE(std::filesystem::exists(work / "out"));
}

TEST_CASE("A grid is a file of cells in sequence, or a folder of them", "[e2e][grid]") {
  const Workspace work;
  const std::string call = "grid --json --size 2 --bars 4 " + kFour + " -o ";
  const auto one = program(call + (work / "grid.mid")).json();
  REQUIRE(one["cells"].size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(one["cells"][i]["note_f1"][i] > 0.8);
  const auto score = midi::read_midi_file(work / "grid.mid").score;
  CHECK(markers(score) == std::vector<std::string>{"x = 0.00, y = 0.00", "x = 1.00, y = 0.00",
                                                   "x = 0.00, y = 1.00", "x = 1.00, y = 1.00"});
  REQUIRE(program(call + (work / "cells")).code == 0);
  CHECK(entries(work / "cells") == 4);
}

TEST_CASE("A path on a grid is one piece, and says which pieces it is near", "[e2e][grid]") {
  const Workspace work;
  const std::string call = "grid " + kFour + " --bars 12 --path '0,0;.5,.2;1,1' -o ";
  const auto outcome = program(call + (work / "path.mid"));
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.out, Contains("12 bars") && Contains("A 1-") && Contains("D "));
  const auto json = program(call + (work / "path.mid") + " --json").json();
  REQUIRE(json["places"].size() == 12);
  CHECK(json["places"][0]["x"] == 0);
  CHECK(json["places"][11]["y"] == 1);
}

TEST_CASE("In the same key, a grid's pieces share the key that the first states", "[e2e][grid]") {
  const Workspace work;
  const std::string call = "grid -q --size 2 --bars 4 " + kFour;
  REQUIRE(program(call + " -o " + (work / "own")).code == 0);
  REQUIRE(program(call + " --same-key -o " + (work / "same")).code == 0);
  const auto key = [&](const std::string& file) {
    return int(midi::read_midi_file(work / file).score.keys.at(0).sharps);
  };
  CHECK(key("same/cell-04.mid") == key("own/cell-01.mid"));
  CHECK(read_text(work / "same/cell-04.mid") != read_text(work / "own/cell-04.mid"));
}

TEST_CASE("Usage of grid that makes no sense is refused", "[e2e][grid][errors]") {
  const Workspace work;
  const std::string file = " -o " + (work / "out.mid"), folder = " -o " + (work / "out");
  for (const std::string& wrong :
       {kMinuet + " " + kFolia + file, kFour + " --size 1" + file, kFour + " --path '0,0'" + file,
        kFour + " --path '0,0;2,0'" + file, kFour + " --path '0,0;1'" + file,
        kFour + " --path '0,0;1,x'" + file, kFour + " --path '0,0;1,1'" + folder,
        kFour + " --size 3 --path '0,0;1,1'" + file, kFour + " --path '0,0;nan,1'" + file}) {
    INFO(wrong);
    CHECK(program("grid " + wrong).code == 2);
  }
  CHECK_FALSE(std::filesystem::exists(work / "out"));
}

TEST_CASE("similar finds a piece among others, in any key if asked", "[e2e][similar]") {
  const Workspace work;
  midi::Score moved = midi::read_midi_file(kMinuet).score;
  for (auto& track : moved.tracks) {
    for (auto& note : track.notes) note.pitch = std::uint8_t(note.pitch + 2);
  }
  midi::write_midi_file(moved, work / "moved.mid");
  const std::string others =
      " " + kFolia + " " + kOde + " " + kBourree + " " + (work / "moved.mid");
  const auto found = program("similar --json --any-key -q " + kMinuet + others).json();
  CHECK(found["pieces"].size() == 4);
  CHECK_THAT(found["pieces"][0]["file"].get<std::string>(), Contains("moved.mid"));
  CHECK(found["pieces"][0]["semitones"] == 2);
  CHECK(found["bars"].size() == 10);
  const auto bars =
      program("similar --json -q --bars 3-4 --places 3 " + kOde + " " + kFolia + " " + kOde).json();
  CHECK(bars["bars"].size() == 3);
  const auto self = program("similar --json -q " + kOde + " " + kFolia + " " + kOde).json();
  REQUIRE(self["pieces"].size() == 1);
  CHECK_THAT(self["pieces"][0]["file"].get<std::string>(), Contains("folia"));
  CHECK(bars["bars"][0]["similarity"] > 0.99);
  CHECK(bars["bars"][0]["own_bar"].get<int>() >= 3);
  const auto text = program("similar -q " + kMinuet + others);
  CHECK(text.code == 0);
  CHECK_THAT(text.out, Contains("is like bar"));
}

TEST_CASE("Usage of similar that makes no sense is refused", "[e2e][similar][errors]") {
  CHECK(program("similar " + kMinuet).code == 2);
  const auto apart = program("similar --bars 1,5 " + kMinuet + " " + kOde);
  CHECK(apart.code == 1);
  CHECK_THAT(apart.err, Contains("follow each other"));
  CHECK(program("similar " + kMinuet + " none.mid").code == 1);
}

TEST_CASE("An attribute gives a piece more or less of something", "[e2e][attributes]") {
  const Workspace work;
  const auto notes = [&](const std::string& amount) {
    const auto outcome = program("reconstruct --json " + kOde + " --attribute density=" + amount +
                                 " -o " + (work / "out.mid"));
    REQUIRE(outcome.code == 0);
    return outcome.json()["notes_out"].get<int>();
  };
  const int more = notes("+1"), less = notes("-1");
  CHECK(more > less + 20);
  const auto sampled = program("sample -q --bars 2 --seed 1 --attribute density=+1 --attribute " +
                               std::string("pitch=-1 -o ") + (work / "s"));
  CHECK(sampled.code == 0);
}

TEST_CASE("Attributes that are no such thing are refused", "[e2e][attributes][errors]") {
  const Workspace work;
  const std::string call = "reconstruct " + kOde + " -o " + (work / "out.mid") + " --attribute ";
  for (const char* wrong :
       {"density", "density=", "=1", "density=much", "density=9", "density=nan"}) {
    INFO(wrong);
    CHECK(program(call + wrong).code == 2);
  }
  const auto unknown = program(call + "densty=1");
  CHECK(unknown.code == 1);
  CHECK_THAT(unknown.err, Contains("density"));
  CHECK(program(call + "density=1 --attributes none.json").code == 1);
  CHECK(program(call + "density=1 --attributes " + kOde).code == 1);
  CHECK_FALSE(std::filesystem::exists(work / "out.mid"));
}

TEST_CASE("Attributes are measured and used by the model that they were measured with",
          "[e2e][attributes]") {
  const Workspace work;
  const auto measured =
      program("attributes --json -q datasets/bundled --independent -o " + (work / "box.json"));
  REQUIRE(measured.code == 0);
  CHECK(measured.json()["attributes"].size() == 9);
  CHECK(program("vary -q --seed 1 " + kOde + " --attribute range=-1 --attributes " +
                (work / "box.json") + " -o " + (work / "out.mid"))
            .code == 0);
  CHECK(program("attributes datasets/bundled").code == 2);
}

TEST_CASE("A label is an attribute of one's own", "[e2e][attributes]") {
  const Workspace work;
  const std::string call = "attributes -q datasets/bundled -o " + (work / "own.json");
  const auto measured = program(call + " --json --label cello='*prelude*' --label jig='*irish*'");
  REQUIRE(measured.code == 0);
  REQUIRE(measured.json()["attributes"].size() == 11);
  CHECK(measured.json()["attributes"][9]["name"] == "cello");
  const std::string with = " --attributes " + (work / "own.json") + " -o " + (work / "out.mid");
  REQUIRE(program("reconstruct -q " + kOde + " --attribute cello=+2" + with).code == 0);
  CHECK(pitches(work / "out.mid") != pitches(kOde));
  const auto unknown = program("reconstruct -q " + kOde + " --attribute waltz=+1" + with);
  CHECK(unknown.code == 1);
  CHECK_THAT(unknown.err, Contains("cello") && Contains("jig"));
  for (const char* wrong : {"cello", "=x", "cello=", "density='*prelude*'", "a='*nowhere*'"}) {
    INFO(wrong);
    CHECK(program(call + " --label " + wrong).code != 0);
  }
}

TEST_CASE("A model of one piece is made in moments, and commands take it", "[e2e][tune]") {
  const Workspace work;
  const std::string mine = work / "mine";
  const auto tuned = program("tune --json -q --steps 100 " + kOde + " -o " + mine);
  REQUIRE(tuned.code == 0);
  CHECK(tuned.json()["dimensions"] == 4);
  for (const std::string& call :
       {"sample --bars 4 --seed 1 -o " + (work / "s"),
        "vary --seed 1 " + kOde + " -o " + (work / "v.mid"),
        "reconstruct " + kOde + " -o " + (work / "r.mid"),
        "interpolate --steps 2 --bars 4 " + kOde + " " + kMinuet + " -o " + (work / "i.mid")}) {
    INFO(call);
    CHECK(program(call + " -q -m " + mine).code == 0);
  }
  const auto again = program("tune " + kOde + " -m " + mine + " -o " + (work / "again"));
  CHECK(again.code == 1);
  CHECK_THAT(again.err, Contains("tuned already"));
  CHECK(program("tune -o " + mine).code == 2);
  std::filesystem::create_directory(work / "pieces");
  CHECK(program("tune " + (work / "pieces") + " -o " + (work / "two")).code == 1);
  for (const auto& piece : {kOde, kFolia}) {
    const auto name = std::filesystem::path(piece).filename().string();
    std::filesystem::copy_file(piece, (work / "pieces/") + name);
  }
  const auto folder =
      program("tune --json -q --steps 5 " + (work / "pieces") + " -o " + (work / "two"));
  REQUIRE(folder.code == 0);
  CHECK(folder.json()["pieces"] == 2);
}
