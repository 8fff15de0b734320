#include <span>

#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;
using Catch::Contains;

TEST_CASE("Wrong usage ends with 2 and says what is wrong", "[e2e][usage]") {
  CHECK(program("").code == 2);
  CHECK(program("dance").code == 2);
  CHECK(program("inspect --colour datasets/bundled/folia.mid").code == 2);
  CHECK(program("sample -o x -n nine").code == 2);
  CHECK(program("train datasets/bundled").code == 2);
  const auto outcome = program("sample -o - --meter three");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, Contains("three"));
  CHECK(outcome.out.empty());
  const auto training = program("train datasets/bundled -o x --row-dropout 1");
  CHECK(training.code == 2);
  CHECK_THAT(training.err, Contains("--row-dropout") && Contains("below 1"));
}

TEST_CASE("A misspelt word is named with the nearest right one", "[e2e][usage]") {
  const auto refused = [](const std::string& arguments) {
    const auto outcome = program(arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.starts_with("musicvae: "));
    return outcome.err;
  };
  CHECK_THAT(refused("sampel -o x"), Contains("'sampel'") && Contains("did you mean sample?"));
  CHECK_THAT(refused("dance"), Contains("'dance'") && !Contains("did you mean"));
  CHECK_THAT(refused("inspect a.mid --codc melody"), Contains("did you mean --codec?"));
  CHECK_THAT(refused("sample --ouput x"), Contains("did you mean --output?"));
  CHECK_THAT(refused("sample -o"), Contains("--output lacks a value"));
  CHECK_THAT(refused("sample -o x again"), Contains("'again'"));
  CHECK_THAT(refused("inspect a.mid --codec melodie"), Contains("did you mean melody?"));
  CHECK_THAT(refused("vary a.mid -o x --similarity 3"),
             Contains("; `musicvae") && !Contains("; ;"));
  CHECK_THAT(refused("inpaint a.mid --bars 1 -o x --keep foo"),
             Contains("--keep") && Contains("'foo'") && Contains("pitches, rhythm"));
  CHECK_THAT(refused("sample -o x -n 0"), Contains("'0'") && Contains("from 1 to 100000"));
  CHECK_THAT(refused("help sampel"), Contains("did you mean sample?"));
  CHECK_THAT(refused(""), Contains("musicvae --help"));
}

TEST_CASE("Help and version are found where people look for them", "[e2e][usage]") {
  for (const std::string command : {"sample", "inspect"}) {
    const auto help = program("help " + command);
    CHECK(help.code == 0);
    CHECK(help.out == program(command + " --help").out);
    CHECK_THAT(help.out, Contains("musicvae " + command + " [OPTIONS]") && Contains("Example"));
  }
  CHECK(program("help").out == program("--help").out);
  CHECK(program("-V").out == program("--version").out);
}

TEST_CASE("Output that cannot be written ends with 1", "[e2e][errors]") {
  for (const std::string command :
       {"inspect datasets/bundled/folia.mid", "inspect --json datasets/bundled/folia.mid", "models",
        "models --json", "--help", "sample --help", "--version"}) {
    INFO(command);
    for (const std::string nowhere : {" > /dev/full", " >&-"}) {
      const auto outcome = program(command + nowhere);
      CHECK(outcome.code == 1);
      CHECK_THAT(outcome.err, Contains("standard output"));
    }
  }
  CHECK(program("inspect - <&-").code == 1);
}

TEST_CASE("With closed standard streams no message lands in a file", "[e2e][errors]") {
  const Workspace work;
  const auto prepare = [&](const std::string& file, const std::string& streams) {
    const auto outcome = program("prepare datasets/bundled -v -o " + (work / file) + streams);
    CHECK(outcome.code <= 1);
    return read_text(work / file);
  };
  const auto whole = prepare("whole", "");
  REQUIRE_FALSE(whole.empty());
  CHECK((prepare("a", " 2>&-") == whole));
  CHECK((prepare("b", " >&-") == whole));
  CHECK((prepare("c", " <&- >&- 2>&-") == whole));
  CHECK((program("prepare datasets/bundled -o -").out == whole));
  CHECK(program("prepare datasets/bundled --json -o -").code == 2);
}

TEST_CASE("A drawing of a piece ends with the bar that is named", "[e2e][inspect]") {
  const Workspace work;
  const auto width = [&](const std::string& options) {
    const std::string file = work / "roll.svg";
    REQUIRE(program("inspect datasets/bundled/folia.mid --svg " + file + options).code == 0);
    const std::string svg = read_text(file);
    const auto at = svg.find("width=\"") + 7;
    return std::stoi(svg.substr(at, svg.find('"', at) - at));
  };
  // 24 pixels a quarter, 3/4, and a margin on both sides.
  CHECK(width(" --to 4") == 4 * 3 * 24 + 32);
  CHECK(width("") > width(" --to 8"));
  CHECK(program("inspect datasets/bundled/folia.mid --to 4").code == 2);
  const auto none =
      program("inspect datasets/bundled/folia.mid --to 400 --svg " + (work / "a.svg"));
  CHECK(none.code == 1);
  CHECK_THAT(none.err, Contains("--to"));
  CHECK_FALSE(std::filesystem::exists(work / "a.svg"));
}

TEST_CASE("Names from files are shown as text, whatever their encoding", "[e2e][inspect]") {
  const Workspace work;
  musicvae::midi::Score score;
  for (const std::string name :
       {"Fl\xFBte \xE0 bec", "\x83\x74\x83\x8B\x81\x5B\x83\x67", "Bad\x1B[31mRED\a\r\nline2"}) {
    auto& track = score.tracks.emplace_back();
    track.metas = {{musicvae::midi::Ticks(0), musicvae::midi::kTrackName, name}};
    track.notes = {{musicvae::midi::Ticks(0), musicvae::midi::Ticks(1920),
                    static_cast<std::uint8_t>(score.tracks.size() - 1)}};
    track.end = musicvae::midi::Ticks(4 * 1920);
  }
  const std::string file = work / "names.mid";
  musicvae::midi::write_midi_file(score, file);
  const auto text = program("inspect " + file).out;
  CHECK_THAT(text, Contains("Flûte à bec:") && Contains("フルート:") &&
                       Contains("Bad\\u001b[31mRED\\u0007\\u000d\\u000aline2:"));
  CHECK(text.find('\x1B') == std::string::npos);
  const auto parts = program("inspect --json " + file).json()["parts"];
  CHECK(parts[0]["name"] == "Flûte à bec");
  CHECK(parts[1]["name"] == "フルート");
  CHECK(parts[2]["name"] == "Bad\x1B[31mRED\a\r\nline2");
  const auto said = program("inspect --json --text-encoding latin1 " + file).json()["parts"];
  CHECK(said[0]["name"] == "Flûte à bec");
  CHECK(said[1]["name"] != "フルート");
  CHECK(program("inspect --text-encoding klingon " + file).code == 2);
  for (const std::string track :
       {"フルート", "flûte à bec", "'Bad\\u001b[31mRED\\u0007\\u000d\\u000aline2'"}) {
    const auto filled =
        program("inpaint -q " + file + " --bars 3 --seed 1 --threads 1 --track " +
                (track[0] == '\'' ? track : "'" + track + "'") + " -o " + (work / "out.mid"));
    INFO(filled.err);
    CHECK(filled.code == 0);
  }
  const auto unknown = program("inpaint " + file + " --bars 3 --track oboe -o x.mid");
  CHECK_THAT(unknown.err, Contains("1 Flûte à bec") && Contains("2 フルート"));
}

TEST_CASE("File names with control characters are shown as text", "[e2e][errors]") {
  const auto outcome = program("inspect $'no\\e]0;such\\a\\x9b.mid'");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("no\\u001b]0;such\\u0007\\x9b.mid"));
}

TEST_CASE("prepare finds music by all its names and through links", "[e2e][prepare]") {
  const Workspace work;
  std::filesystem::create_directories(work / "music");
  std::filesystem::copy_file("datasets/bundled/folia.mid", work / "music/a.kar");
  std::filesystem::create_directory_symlink(std::filesystem::absolute("datasets/bundled"),
                                            work / "music/linked");
  std::filesystem::create_directory_symlink(work / "music", work / "music/loop");
  const auto outcome = shell("timeout 60 " MUSICVAE_PROGRAM " prepare --json " + (work / "music") +
                             " -o " + (work / "c.mvc"));
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["files"] == 13);
  CHECK(outcome.json()["passed_over"]["not named .mid, .midi, .kar, .rmi or .smf"] == 1);
}

TEST_CASE("prepare warns where nothing is held out", "[e2e][prepare]") {
  const Workspace work;
  const auto one =
      program("prepare datasets/bundled/folia.mid --validation-share 0 -o " + (work / "c.mvc"));
  CHECK(one.code == 0);
  CHECK_THAT(one.err, Contains("warning") && Contains("--hold-out"));
}

TEST_CASE("A file that is not there ends with 1 and is named", "[e2e][errors]") {
  for (const std::string command :
       {"inspect", "reconstruct -o out.mid", "evaluate", "train -o run"}) {
    const Workspace work;
    const auto outcome =
        shell("cd " + (work / "") + " && musicvae " + command + " no-such-file.mid");
    INFO(command);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, Contains("no-such-file.mid"));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("A text file named .mid is refused with what was expected and where", "[e2e][errors]") {
  const Workspace work;
  std::ofstream(work / "letter.mid") << "Dear Sir, please find enclosed";
  const auto outcome = program("inspect " + (work / "letter.mid"));
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("letter.mid") && Contains("MThd") && Contains("byte 0"));
}

TEST_CASE("inspect --json tells what a file holds", "[e2e][inspect]") {
  const auto json = program("inspect --json datasets/bundled/petzold-minuet-anh114.mid").json();
  for (const char* key : {"file", "format", "ticks_per_quarter", "tracks", "notes", "bars",
                          "meters", "tempos", "keys", "seconds", "warnings"}) {
    INFO(key);
    CHECK(json.contains(key));
  }
  CHECK(json["format"] == 1);
  CHECK(json["ticks_per_quarter"] == 480);
  CHECK(json["bars"] == 32);
  CHECK(json["meters"][0]["meter"] == "3/4");
  CHECK(json["keys"][0]["key"] == "G major");
  CHECK(json["warnings"].empty());
}

TEST_CASE("inspect shows ports, and the programs that follow the first", "[e2e][inspect]") {
  using musicvae::midi::Ticks;
  const Workspace work;
  musicvae::midi::Score score;
  auto& track = score.tracks.emplace_back();
  for (int quarter = 0; quarter < 16; ++quarter)
    track.notes.push_back({Ticks(480 * quarter), Ticks(480), 2});
  track.messages = {{Ticks(0), 0xC2, {6, 0}},
                    {Ticks(1920), 0xB2, {0, 8}},
                    {Ticks(1920), 0xC2, {7, 0}},
                    {Ticks(3840), 0xC2, {9, 0}}};
  track.metas = {{Ticks(3840), musicvae::midi::kPort, "\x01"}};
  musicvae::midi::write_midi_file(score, work / "ports.mid");
  CHECK_THAT(
      program("inspect " + (work / "ports.mid")).out,
      Contains("8 notes, channel 3 of port 0, program 6, then 7 of bank 8:0 from tick 1920") &&
          Contains("8 notes, channel 3 of port 1, program 9\n"));
  const auto parts = program("inspect --json " + (work / "ports.mid")).json()["parts"];
  REQUIRE(parts.size() == 2);
  CHECK(parts[0]["port"] == 0);
  CHECK(parts[1]["port"] == 1);
  REQUIRE(parts[0]["programs"].size() == 2);
  CHECK(parts[0]["programs"][1]["tick"] == 1920);
  CHECK(parts[0]["programs"][1]["program"] == 7);
  CHECK(parts[0]["programs"][1]["bank_msb"] == 8);
  CHECK(parts[1]["programs"][0]["program"] == 9);
}

TEST_CASE("inspect goes on after a bad file and ends with 1", "[e2e][inspect]") {
  const auto outcome = program("inspect no-such.mid datasets/bundled/folia.mid");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out, Contains("folia.mid"));
  CHECK_THAT(outcome.err, Contains("no-such.mid"));
}

TEST_CASE("inspect shows what a codec drops", "[e2e][inspect]") {
  const auto json =
      program("inspect --json --codec melody datasets/bundled/bwv996-bourree.mid").json();
  CHECK_FALSE(json["codec"]["dropped"].empty());
  CHECK(json["codec"]["kept_notes"] < json["notes"]);
}

TEST_CASE("inspect says where bars were guessed, and --no-guess-bars guesses none",
          "[e2e][inspect]") {
  const Workspace work;
  musicvae::midi::Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {{musicvae::midi::Ticks(1440), musicvae::midi::Ticks(960)}};
  musicvae::midi::write_midi_file(score, work / "a.mid");
  const auto guessed = program("inspect " + (work / "a.mid"));
  CHECK_THAT(guessed.out, Contains("states no meter") && Contains("bar 0"));
  CHECK(program("inspect --json " + (work / "a.mid")).json()["grid"]["first_bar"] == 0);
  const auto plain = program("inspect --no-guess-bars --json " + (work / "a.mid")).json();
  CHECK(plain["grid"]["first_bar"] == 1);
  CHECK(plain["grid"]["bar_guess"] == "");
}

TEST_CASE("inspect shows each sequence of a file of format 2, and other commands take one",
          "[e2e][inspect]") {
  const Workspace work;
  const auto track = [](char pitch) {
    return std::string{'M',   'T', 'r',    'k',    0,     0, 0, 12,     0,    '\x90',
                       pitch, 64,  '\x87', '\x40', pitch, 0, 0, '\xFF', 0x2F, 0};
  };
  std::ofstream(work / "set.mid", std::ios::binary)
      << std::string{'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 2, 0, 2, 1, '\xE0'} << track(60)
      << track(62);
  const auto json = program("inspect --json " + (work / "set.mid")).json();
  REQUIRE(json["files"].size() == 2);
  CHECK(json["files"][1]["file"] == work / "set.mid#2");
  CHECK(json["files"][1]["notes"] == 1);
  CHECK(program("inspect --json " + (work / "set.mid#2")).json()["notes"] == 1);
  const auto refused = program("reconstruct " + (work / "set.mid") + " -o " + (work / "out.mid"));
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Contains("format 2") && Contains("1-2") && Contains("set.mid#1"));
  CHECK(program("reconstruct " + (work / "set.mid#2") + " -o " + (work / "out.mid")).code == 0);
}

TEST_CASE("A config file's keys are flags, and flags given by hand win", "[e2e][config]") {
  const Workspace work;
  std::ofstream(work / "a.toml") << "codec = \"melody\"\nsteps_per_quarter = 12\n";
  std::ofstream(work / "b.toml") << "colour = 3\n";
  std::ofstream(work / "c.toml") << "[inspect]\ncodec = \"pianoroll\"\n[train]\nsteps = 3\n";
  const std::string inspect = "inspect --json datasets/bundled/folia.mid --config ";
  CHECK(program(inspect + (work / "a.toml")).json()["codec"]["name"] == "melody");
  CHECK(program(inspect + (work / "a.toml")).json()["grid"]["steps_per_quarter"] == 12);
  CHECK(program(inspect + (work / "a.toml") + " --codec notes").json()["codec"]["name"] == "notes");
  CHECK(program(inspect + (work / "c.toml")).json()["codec"]["name"] == "pianoroll");
  CHECK(program(inspect + (work / "b.toml")).code == 2);
  CHECK(program(inspect + (work / "none.toml")).code == 2);
}

TEST_CASE("prepare says what was refused, and an empty result why", "[e2e][prepare]") {
  const Workspace work;
  std::filesystem::create_directories(work / "music");
  std::ofstream(work / "music/letter.mid") << "Dear Sir";
  const auto empty = program("prepare " + (work / "music") + " -o " + (work / "c.mvc"));
  CHECK(empty.code == 1);
  CHECK_THAT(empty.err, Contains("letter.mid"));
  CHECK_FALSE(std::filesystem::exists(work / "c.mvc"));
  std::filesystem::copy_file("datasets/bundled/folia.mid", work / "music/a.mid");
  std::filesystem::copy_file("datasets/bundled/folia.mid", work / "music/b.mid");
  const auto report =
      program("prepare --json " + (work / "music") + " -o " + (work / "c.mvc")).json();
  CHECK(report["files"] == 3);
  CHECK(report["train_pieces"].get<int>() + report["validation_pieces"].get<int>() == 1);
  std::size_t refused = 0;
  for (const auto& [reason, count] : report["refused"].items()) refused += count.get<std::size_t>();
  CHECK(refused == 2);
}

TEST_CASE("prepare holds out the files of several patterns, from flags and from a config file",
          "[e2e][prepare]") {
  const Workspace work;
  std::ofstream(work / "c.toml") << "hold_out = [\"*bwv996*\", \"*folia.mid\"]\n";
  const auto held_out = [&](const std::string& flags) {
    const auto outcome =
        program("prepare --json " + flags + " datasets/bundled -o " + (work / "c.mvc"));
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    return outcome.json()["validation_pieces"].get<int>();
  };
  const int one = held_out("--hold-out '*bwv996*' --threads 1");
  CHECK(one > 0);
  CHECK(held_out("--hold-out '*bwv996*' '*folia.mid' --threads 1") == one + 1);
  CHECK(held_out("--hold-out '*bwv996*' --hold-out '*folia.mid' --threads 1") == one + 1);
  CHECK(held_out("--config " + (work / "c.toml")) == one + 1);
}

TEST_CASE("A path that --hold-out takes for a pattern is asked for in every command",
          "[e2e][prepare][usage]") {
  for (const std::string command : {"prepare -o c.mvc", "train -o run", "evaluate"}) {
    const auto outcome = program(command + " --hold-out '*bwv996*' datasets/bundled");
    INFO(command);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, Contains("before --hold-out"));
  }
}

TEST_CASE("A corpus that is divided already is not divided again", "[e2e][prepare]") {
  const Workspace work;
  REQUIRE(program("prepare -q datasets/bundled -o " + (work / "c.mvc")).code == 0);
  for (const std::string flags :
       {"--hold-out '*bwv996*'", "--validation-share 0.2", "--keep-performed", "--no-guess-bars"}) {
    const auto outcome = program("train " + (work / "c.mvc") + " -o " + (work / "run ") + flags);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, Contains("c.mvc is one"));
  }
}

TEST_CASE("models writes a copy in half precision, which makes music as the model does",
          "[e2e][models]") {
  const Workspace work;
  const std::string copy = work / "copy.safetensors";
  REQUIRE(program("models --half-precision lute-folk -o " + copy).code == 0);
  CHECK(program("models --half-precision lute-folk").code == 2);
  const auto sample = [](const std::string& model) {
    const auto outcome = program("sample -q --seed 3 --threads 1 -o - -m " + model);
    REQUIRE(outcome.code == 0);
    return musicvae::midi::read_midi(std::as_bytes(std::span(outcome.out)))
        .score.tracks.at(0)
        .notes;
  };
  CHECK((sample(copy) == sample("lute-folk")));
}

TEST_CASE("models lists each name once, as the file that --model takes", "[e2e][models]") {
  const Workspace work;
  std::filesystem::copy_file("models/bundled/lute-folk.safetensors",
                             work / "lute-folk.safetensors");
  const auto list =
      shell("export MUSICVAE_MODELS=" + (work / "") + "\nmusicvae models --json").json();
  std::vector<std::string> files;
  for (const auto& model : list["models"]) {
    if (model["name"] == "lute-folk") files.push_back(model["file"]);
  }
  CHECK(files == std::vector<std::string>{work / "lute-folk.safetensors"});
}

TEST_CASE("A model file that is none is refused by name", "[e2e][errors]") {
  const Workspace work;
  std::ofstream(work / "junk.safetensors") << "junk";
  const auto outcome =
      program("sample -o " + (work / "out") + " -m " + (work / "junk.safetensors"));
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("junk.safetensors"));
  CHECK_THAT(program("sample -o - -m lute-flok").err, Contains("did you mean lute-folk?"));
  CHECK_FALSE(std::filesystem::exists(work / "out"));
}
