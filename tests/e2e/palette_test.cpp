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
}
