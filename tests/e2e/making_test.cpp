#include <filesystem>
#include <string>

#include "midi/file/reader.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

/// What holds for every command that makes music: seeds, what files tell, Ctrl-C.

using namespace musicvae::test;
using namespace musicvae;
using Catch::Contains;

namespace {

const std::string kMinuet = "datasets/bundled/petzold-minuet-anh114.mid";
const std::string kFolia = "datasets/bundled/folia.mid";

/// A tiny model, trained once.
const std::string& model() {
  static const Workspace work;
  static const std::string trained = [] {
    const auto outcome =
        program("train datasets/bundled -q --steps 10 -o " + (work / "run") + kTinyModel);
    if (outcome.code != 0) throw std::runtime_error(outcome.err);
    return work / "run/model.safetensors";
  }();
  return trained;
}

std::string with_model(const std::string& arguments) {
  return arguments + " --threads 1 -m " + model();
}

/// The text that tells how a file was made.
std::string origin(const std::string& file) {
  return midi::read_midi_file(file).score.tracks.at(0).metas.at(0).data;
}

/// The command line of the text.
std::string command_of(const std::string& text) { return text.substr(text.find(": ") + 2); }

}  // namespace

TEST_CASE("Without a seed each music is new, and its seed is told", "[e2e][making]") {
  const Workspace work;
  const auto a = program(with_model("sample --bars 2 -o " + (work / "a")));
  const auto b = program(with_model("sample --bars 2 -o " + (work / "b")));
  CHECK_THAT(a.err, Contains("--seed"));
  CHECK(a.err != b.err);
  const std::string first = read_text(work / "a/sample-001.mid");
  CHECK(first != read_text(work / "b/sample-001.mid"));
  const auto seed =
      a.err.substr(a.err.find("--seed "), a.err.find(" makes") - a.err.find("--seed "));
  CHECK(program(with_model("sample --bars 2 -o " + (work / "c") + " " + seed)).err.empty());
  CHECK(read_text(work / "c/sample-001.mid").substr(200) == first.substr(200));
}

TEST_CASE("A file tells the command, model and seed that make it again", "[e2e][making]") {
  const Workspace work;
  const std::string out = work / "out.mid", again = work / "again.mid";
  for (const std::string& command :
       {"reconstruct " + kFolia, "reconstruct --temperature 1 " + kFolia,
        "interpolate --steps 2 --bars 2 " + kFolia + " " + kMinuet,
        "inpaint --bars 1-2 -m folk-melody-inpaint " + kMinuet, std::string("sample --bars 2")}) {
    INFO(command);
    const bool samples = command.starts_with("sample");
    const auto made = [&](const std::string& line, const std::string& file) {
      const std::string folder = file + ".d";
      REQUIRE(program(line + " --threads 1 -q -o " + (samples ? folder : file)).code == 0);
      if (samples) std::filesystem::copy_file(folder + "/sample-001.mid", file);
    };
    std::filesystem::remove_all(out + ".d");
    std::filesystem::remove_all(again + ".d");
    std::filesystem::remove(out);
    std::filesystem::remove(again);
    made(command, out);
    const auto text = origin(out);
    CHECK_THAT(text, Contains("musicvae ") && Contains(command.substr(0, command.find(' '))) &&
                         Contains("--model ") && Contains("--seed "));
    made(command_of(text), again);
    CHECK(read_text(out) == read_text(again));
  }
}

TEST_CASE("A folder that holds numbered files already is refused", "[e2e][making]") {
  const Workspace work;
  for (const std::string& command :
       {std::string("sample --bars 2"),
        "interpolate --separate --steps 2 --bars 2 " + kFolia + " " + kMinuet}) {
    const std::string folder = work / command.substr(0, 6);
    REQUIRE(program(with_model(command + " -q -o " + folder)).code == 0);
    const auto again = program(with_model(command + " -o " + folder));
    CHECK(again.code == 1);
    CHECK_THAT(again.err, Contains("already holds") && Contains("another folder"));
  }
}

TEST_CASE("Ctrl-C keeps the music that is made, and says how much", "[e2e][making]") {
  const Workspace work;
  const auto interrupted = [&](const std::string& command, const std::string& folder,
                               const std::string& first) {
    return shell(MUSICVAE_PROGRAM " " + with_model(command + " -o " + folder) +
                 " & pid=$!\nfor i in $(seq 600); do [ -e " + folder + "/" + first +
                 " ] && break; sleep 0.1; done\nkill -INT $pid; wait $pid");
  };
  const auto samples = interrupted("sample -n 100000 --seed 1", work / "s", "sample-001.mid");
  CHECK(samples.code == 130);
  CHECK_THAT(samples.err, Contains("of 100000 samples are kept"));
  CHECK_THAT(samples.out, Contains("sample-001.mid"));
  CHECK(midi::read_midi_file(work / "s/sample-001.mid").warnings.empty());
  const auto steps = interrupted("interpolate --separate --steps 1000 " + kFolia + " " + kMinuet,
                                 work / "i", "step-01.mid");
  CHECK(steps.code == 130);
  CHECK_THAT(steps.err, Contains("of 1000 steps are kept"));
}

TEST_CASE("Off a terminal and on a dumb one, progress rewrites no line", "[e2e][making]") {
  const Workspace work;
  const std::string command = "sample -n 40 --seed 1 --bars 2 -o ";
  const auto piped = program(with_model(command + (work / "a")));
  CHECK(piped.code == 0);
  CHECK(piped.err.empty());
  const auto on_terminal = [&](const std::string& kind, const std::string& folder) {
    const auto outcome = shell("export TERM=" + kind + "; script -qec '" MUSICVAE_PROGRAM " " +
                               with_model(command + folder) + "' /dev/null");
    CHECK(outcome.code == 0);
    return outcome.out;
  };
  CHECK(on_terminal("dumb", work / "b").find('\x1B') == std::string::npos);
  CHECK_THAT(on_terminal("xterm", work / "c"), Contains("of 40 samples"));
}

TEST_CASE("What is made is shown on a page, beside what it was made from, and drawn",
          "[e2e][making]") {
  const Workspace work;
  const auto count = [](const std::string& text, const std::string& part) {
    int found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
  };
  const auto shown = [&](const std::string& command, int pieces) {
    INFO(command);
    const std::string show =
        " -q --report " + (work / "page.html") + " --svg " + (work / "roll.svg") + " ";
    const auto outcome = program(with_model(command + show));
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK(count(read_text(work / "page.html"), "\"midi\":") == pieces);
    std::filesystem::remove(work / "page.html");
  };
  const auto is_drawn = [&](const std::string& name) {
    return read_text(work / name).starts_with("<svg");
  };
  shown("sample --bars 2 -n 2 -o " + (work / "samples"), 2);
  CHECK((is_drawn("roll-01.svg") && is_drawn("roll-02.svg")));
  CHECK_FALSE(is_drawn("roll.svg"));
  shown("interpolate " + kMinuet + " " + kFolia + " --bars 2 --steps 2 -o " + (work / "way.mid"),
        3);
  CHECK(is_drawn("roll.svg"));
  shown("interpolate " + kMinuet + " " + kFolia + " --bars 2 --steps 2 --separate -o " +
            (work / "steps"),
        4);
  shown("vary " + kFolia + " -o " + (work / "vary.mid"), 2);
  shown("reconstruct " + kFolia + " -o " + (work / "again.mid"), 2);
  const std::string four = kMinuet + " " + kFolia + " " + kMinuet + " " + kFolia;
  shown("grid " + four + " --bars 2 --size 2 -o " + (work / "cells"), 8);
  shown("grid " + four + " --bars 2 --path '0,0;1,1' -o " + (work / "path.mid"), 5);
}

TEST_CASE("Fills and continuations are shown too", "[e2e][making]") {
  const Workspace work;
  const std::string show = " -q --report " + (work / "page.html");
  CHECK(program("inpaint " + kFolia + " --bars 5 -n 2 -o " + (work / "fills") + show).code == 0);
  CHECK_THAT(read_text(work / "page.html"), Contains("02.mid"));
  CHECK(program("continue " + kFolia + " --bars 1 -o " + (work / "more.mid") + show).code == 0);
  CHECK_THAT(read_text(work / "page.html"), Contains("more.mid"));
}

TEST_CASE("A page or picture needs music in a file", "[e2e][making]") {
  const Workspace work;
  const auto outcome = program(with_model("vary " + kFolia + " -o - --report x.html"));
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, Contains("--report"));
  CHECK(program(
            with_model("vary " + kFolia + " -o " + (work / "v.mid") + " --svg /nowhere/at/all.svg"))
            .code == 1);
  CHECK_FALSE(std::filesystem::exists(work / "v.mid"));
}

TEST_CASE("A command line with two attributes makes the same music again", "[e2e][making]") {
  const Workspace work;
  const std::string wish = " --attribute density=+1 --attribute pitch=-1";
  CHECK(program("vary " + kFolia + wish + " -q --seed 3 -o " + (work / "a.mid")).code == 0);
  const std::string command = command_of(origin(work / "a.mid"));
  CHECK_THAT(command, Contains("--attribute density=+1 --attribute pitch=-1"));
  CHECK(program(command + " -q -o " + (work / "b.mid")).code == 0);
  CHECK(read_text(work / "a.mid") == read_text(work / "b.mid"));
}
