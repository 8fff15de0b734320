#include <cstdio>
#include <map>

#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "midi/orchestra.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae;
using namespace musicvae::test;
using Catch::Contains;

namespace {

/// One tiny model for all tests of this file, trained on the pieces in the box.
const std::string& model() {
  static const Workspace work;
  static const std::string path = [] {
    const auto outcome =
        program("train datasets/bundled -q --steps 10 -o " + (work / "run") + kTinyModel);
    REQUIRE(outcome.code == 0);
    return work / "run/model.safetensors";
  }();
  return path;
}

const std::string kBourree = "datasets/bundled/bwv996-bourree.mid";
const std::string kMinuet = "datasets/bundled/petzold-minuet-anh114.mid";

Outcome run(const std::string& arguments) {
  return program(arguments + " --threads 1 -m " + model());
}

}  // namespace

TEST_CASE("Same seed, same samples; another seed, others", "[e2e][sample]") {
  const Workspace work;
  CHECK(run("sample -n 2 --seed 5 -o " + (work / "a")).code == 0);
  CHECK(run("sample -n 2 --seed 5 -o " + (work / "b")).code == 0);
  CHECK(run("sample -n 2 --seed 6 -o " + (work / "c")).code == 0);
  for (const char* name : {"/sample-001.mid", "/sample-002.mid"}) {
    const auto first = read_text((work / "a") + name);
    CHECK_FALSE(first.empty());
    CHECK(first == read_text((work / "b") + name));
    CHECK(first != read_text((work / "c") + name));
  }
}

#ifdef __linux__
TEST_CASE("A program that may use one core uses one thread", "[e2e][sample]") {
  const Workspace work;
  const auto outcome = shell(
      "cores=$(sed -n 's/^Cpus_allowed_list:[^0-9]*//p' /proc/self/status); "
      "taskset -c ${cores%%[!0-9]*} " MUSICVAE_PROGRAM " sample -v -o " +
      (work / "a") + " -m " + model());
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.err, Contains("with 1 threads"));
}
#endif

TEST_CASE("Samples have the meter and the bars that were asked for", "[e2e][sample]") {
  const Workspace work;
  const auto json = run("sample --json --meter 6/8 --bars 5 -o " + (work / "a")).json();
  CHECK(json["samples"][0]["bars"] == 5);
  const auto file = midi::read_midi_file(work / "a/sample-001.mid");
  REQUIRE(file.score.meters.size() == 1);
  CHECK(file.score.meters[0].meter == midi::Meter{6, 8});
  CHECK(file.warnings.empty());
}

TEST_CASE("A sample can be piped into inspect", "[e2e][sample]") {
  const auto outcome =
      shell("musicvae sample -q -o - --seed 3 -m " + model() + " | musicvae inspect --json -");
  CHECK(outcome.code == 0);
  CHECK(outcome.json()["format"] == 1);
}

TEST_CASE("A reconstruction keeps tempo, key, meter and program of its input",
          "[e2e][reconstruct]") {
  const Workspace work;
  const auto outcome = run("reconstruct --json " + kBourree + " -o " + (work / "out.mid"));
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json().contains("note_f1_onset_pitch"));
  const auto in = midi::read_midi_file(kBourree).score;
  const auto out = midi::read_midi_file(work / "out.mid").score;
  CHECK(out.tempos.at(0).microseconds_per_quarter == in.tempos.at(0).microseconds_per_quarter);
  CHECK(out.keys.at(0).sharps == in.keys.at(0).sharps);
  CHECK(out.keys.at(0).minor == in.keys.at(0).minor);
  REQUIRE(out.meters.size() == in.meters.size());
  for (std::size_t i = 0; i < in.meters.size(); ++i) {
    CHECK(out.meters[i].meter == in.meters[i].meter);
  }
  for (const auto& voice : midi::find_orchestra(out).voices) CHECK(voice.program == 24);
}

TEST_CASE("The default model gives a piece its own notes back", "[e2e][reconstruct]") {
  const Workspace work;
  for (const std::string& piece : {kBourree, kMinuet}) {
    const auto outcome = program("reconstruct --json " + piece + " -o " + (work / "out.mid"));
    REQUIRE(outcome.code == 0);
    CHECK(outcome.json()["note_f1_onset_pitch"] > 0.9);
  }
}

TEST_CASE("A reconstruction has the parts of its piece, and their accents", "[e2e][reconstruct]") {
  const Workspace work;
  midi::Score score = midi::read_midi_file(kMinuet).score;
  for (midi::Track& track : score.tracks) {
    for (midi::Note& note : track.notes) {
      note.velocity = note.onset.count % (3 * score.division.ticks_per_quarter) == 0 ? 101 : 57;
    }
  }
  midi::write_midi_file(score, work / "in.mid");
  REQUIRE(program("reconstruct -q " + (work / "in.mid") + " -o " + (work / "out.mid")).code == 0);
  const auto out = midi::read_midi_file(work / "out.mid").score;
  std::map<int, std::size_t> before, after, velocities;
  for (const auto& track : score.tracks) {
    for (const auto& note : track.notes) ++before[note.channel];
  }
  for (const auto& track : out.tracks) {
    for (const auto& note : track.notes) ++after[note.channel], ++velocities[note.velocity];
  }
  REQUIRE(before.size() == 3);
  REQUIRE(after.size() == 3);
  for (const auto& [channel, notes] : before) {
    CHECK(double(after[channel]) == Approx(double(notes)).epsilon(0.1));
  }
  CHECK(velocities.size() == 2);
  CHECK(velocities[101] > 20);
  CHECK(velocities[57] > velocities[101]);
}

TEST_CASE("Drums alone are refused by what takes a piece to a model, and nothing is written",
          "[e2e][reconstruct][interpolate][errors]") {
  const Workspace work;
  midi::Score score = midi::read_midi_file(kMinuet).score;
  for (midi::Track& track : score.tracks) {
    for (midi::Note& note : track.notes) note.channel = midi::kDrumChannel;
  }
  midi::write_midi_file(score, work / "kit.mid");
  const std::string kit = work / "kit.mid", out = work / "out.mid";
  for (const std::string& call : {"reconstruct " + kit, "interpolate " + kit + " " + kMinuet,
                                  "interpolate " + kMinuet + " " + kit}) {
    INFO(call);
    const auto outcome = run(call + " -o " + out);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, Contains("kit.mid: there are no notes in it but drums"));
    CHECK_FALSE(std::filesystem::exists(out));
  }
  // A piece whose first bars are drums, cut to them.
  midi::Score late = midi::read_midi_file(kMinuet).score;
  const midi::Ticks bar(3 * late.division.ticks_per_quarter);
  for (midi::Track& track : late.tracks) {
    for (midi::Note& note : track.notes) {
      if (note.onset < bar * 4) note.channel = midi::kDrumChannel;
    }
  }
  midi::write_midi_file(late, work / "late.mid");
  const auto cut =
      run("interpolate --bars 4 " + (work / "late.mid") + " " + kMinuet + " -o " + out);
  CHECK(cut.code == 1);
  CHECK_THAT(cut.err, Contains("late.mid, cut to bar 4: there are no notes in it but drums"));
}

TEST_CASE("A walk goes from the first piece's tempo to the second's, and marks its steps",
          "[e2e][interpolate]") {
  const Workspace work;
  midi::Score slow = midi::read_midi_file(kMinuet).score, fast = slow;
  slow.tempos = {{midi::Ticks(0), 1'000'000}};
  fast.tempos = {{midi::Ticks(0), 400'000}};
  midi::write_midi_file(slow, work / "slow.mid");
  midi::write_midi_file(fast, work / "fast.mid");
  const std::string call = "interpolate -q --steps 4 --bars 2 " + (work / "slow.mid") + " " +
                           (work / "fast.mid") + " -o ";
  REQUIRE(run(call + (work / "walk.mid")).code == 0);
  REQUIRE(run(call + (work / "walk") + " --separate").code == 0);
  const auto walk = midi::read_midi_file(work / "walk.mid").score;
  std::vector<std::string> markers;
  for (const auto& meta : walk.tracks.at(0).metas) {
    if (meta.type == 6) markers.push_back(meta.data);
  }
  CHECK(markers == std::vector<std::string>{"step 1 of 4, t = 0.00", "step 2 of 4, t = 0.33",
                                            "step 3 of 4, t = 0.67", "step 4 of 4, t = 1.00"});
  REQUIRE(walk.tempos.size() == 4);
  for (int step = 0; step < 4; ++step) {
    const auto& tempo = walk.tempos[std::size_t(step)];
    CHECK(tempo.quarters_per_minute() == Approx(60 + 30 * step));
    CHECK(tempo.time.count == std::int64_t{6} * step * walk.division.ticks_per_quarter);
    const auto alone =
        midi::read_midi_file(work / ("walk/step-0" + std::to_string(step + 1) + ".mid")).score;
    CHECK(alone.tempos.at(0).microseconds_per_quarter == tempo.microseconds_per_quarter);
  }
  CHECK(walk.meters.size() == 4);
}

TEST_CASE("Interpolation writes its steps in sequence or one file each", "[e2e][interpolate]") {
  const Workspace work;
  const auto one = run("interpolate --json --steps 3 --bars 4 " + kBourree + " " + kMinuet +
                       " -o " + (work / "one.mid"));
  REQUIRE(one.code == 0);
  CHECK(one.json()["steps"].size() == 3);
  CHECK(midi::read_midi_file(work / "one.mid").warnings.empty());
  const auto each = run("interpolate --separate --steps 3 --bars 4 " + kBourree + " " + kMinuet +
                        " -o " + (work / "each"));
  REQUIRE(each.code == 0);
  for (const char* name : {"each/step-01.mid", "each/step-02.mid", "each/step-03.mid"}) {
    CHECK(std::filesystem::exists(work / name));
  }
}

TEST_CASE("Steps of an interpolation are measured by the notes of the files",
          "[e2e][interpolate]") {
  const Workspace work;
  // The minuet has 32 bars, and the bourrée 25: it begins again.
  for (const std::string& pieces : {kMinuet + " " + kBourree, kBourree + " " + kMinuet}) {
    const auto walk =
        program("interpolate --json --threads 1 --steps 2 " + pieces + " -o " + (work / "walk.mid"))
            .json();
    for (const int end : {0, 1}) {
      const auto& step = walk["steps"][std::size_t(end)];
      CHECK(step["bars"] == 32);
      CHECK(step[end == 0 ? "note_f1_to_a" : "note_f1_to_b"] > 0.9);
      CHECK(step[end == 0 ? "note_f1_to_b" : "note_f1_to_a"] < 0.5);
    }
  }
  // A model that has learned nothing reaches neither end.
  const auto lost = run("interpolate --json --steps 2 --bars 4 " + kBourree + " " + kMinuet +
                        " -o " + (work / "walk.mid"))
                        .json();
  CHECK(lost["steps"][0]["note_f1_to_a"] < 1.0);
  CHECK(lost["steps"][1]["note_f1_to_b"] < 1.0);
  const auto table = run("interpolate --steps 2 --bars 4 " + kBourree + " " + kMinuet + " -o " +
                         (work / "walk.mid"));
  char to_a[16];
  std::snprintf(to_a, sizeof to_a, "%7.3f", lost["steps"][0]["note_f1_to_a"].get<double>());
  CHECK_THAT(table.err, Contains(to_a));
}

TEST_CASE("evaluate --json gives every metric", "[e2e][evaluate]") {
  const auto json = run("evaluate --json " + kBourree + " " + kMinuet).json();
  for (const char* key : {"passages", "rows", "teacher_forced_accuracy", "reconstruction_accuracy",
                          "greedy_accuracy", "note_f1_onset_pitch", "note_f1_duration",
                          "bits_per_row", "kl_bits", "elbo_bits", "active_units"}) {
    INFO(key);
    CHECK(json.contains(key));
  }
  CHECK(json["passages"] == 29);  // 25 bars with the pickup and 32, two at a time
  CHECK(json["elbo_bits"] < 0);
}

TEST_CASE("evaluate compares whole pieces with their files, and says which files it left out",
          "[e2e][evaluate]") {
  const Workspace work;
  std::ofstream(work / "broken.mid") << "no music";
  const auto json = program("evaluate --json --threads 1 " + kBourree + " " + kMinuet + " " +
                            (work / "broken.mid"))
                        .json();
  const auto& pieces = json["whole_pieces"];
  CHECK(pieces["pieces"] == 2);
  CHECK(pieces["bars"] == 57);
  CHECK(pieces["key_kept"] == 1.0);
  double sum = 0;
  for (const std::string& piece : {kBourree, kMinuet}) {
    const auto alone =
        program("reconstruct --json --threads 1 " + piece + " -o " + (work / "again.mid")).json();
    sum += alone["note_f1_onset_pitch"].get<double>();
  }
  CHECK(pieces["note_f1_onset_pitch"].get<double>() == Approx(sum / 2));
  CHECK(json["files"]["files"] == 3);
  CHECK(json["files"]["refused"].size() == 1);
}

TEST_CASE("evaluate --interpolate and --samples measure the music between and beside pieces",
          "[e2e][evaluate]") {
  const Workspace work;
  const std::string both = " --interpolate 3 --steps 4 --samples 2 --bars 4 ";
  const std::string pieces = kBourree + " " + kMinuet + " datasets/bundled/greensleeves.mid";
  const auto json = run("evaluate --json" + both + pieces).json();
  const auto& ways = json["interpolation"];
  CHECK(ways["steps"] == 4);
  CHECK(ways["bars"] == 4);
  CHECK(ways["same_meters"]["pairs"].get<int>() + ways["other_meters"]["pairs"].get<int>() == 3);
  for (const char* column : {"samples", "data"}) {
    for (const char* key :
         {"passages", "pitch_class_entropy", "best_scale_share", "notes_per_bar", "repeated_bars",
          "silent_bars", "distance_to_nearest_bar", "copied_bars"}) {
      INFO(column << ": " << key);
      CHECK(json["samples"][column].contains(key));
    }
  }
  CHECK(json["samples"]["samples"]["passages"] == 2);
  CHECK(json["elbo_bits"] == run("evaluate --json " + pieces).json()["elbo_bits"]);
  const auto text = run("evaluate" + both + pieces);
  for (const char* heading : {"whole pieces", "4 steps over 4 bars", "samples of 4 bars of"}) {
    CHECK_THAT(text.out, Contains(heading));
  }
}

TEST_CASE("Options of evaluate that make no sense together are refused", "[e2e][evaluate]") {
  for (const char* options :
       {"--gap 1,1,0 --samples 2", "--gap 1,1,0 --interpolate 2", "--steps 5",
        "--samples 2 --steps 5", "--bars 8", "--interpolate 0", "--interpolate 1 --steps 2"}) {
    INFO(options);
    CHECK(run("evaluate " + kMinuet + " " + options).code == 2);
  }
  const auto one = run("evaluate --interpolate 1 " + kMinuet);
  CHECK(one.code == 1);
  CHECK_THAT(one.err, Contains("two pieces"));
}

TEST_CASE("evaluate --gap measures fills beside copies, and says which models can",
          "[e2e][evaluate]") {
  const Workspace work;
  REQUIRE(program("train datasets/bundled -q --steps 1 -o " + (work / "run") + kTinyModel +
                  " --family masked")
              .code == 0);
  const std::string gap = "evaluate --json --threads 1 --meter 3/4 --gap 1,1,0 " + kMinuet;
  const auto json = program(gap + " --candidates 2 -m " + (work / "run/model.safetensors")).json();
  CHECK(json["passages"] == 16);  // 32 bars of 3/4, two at a time.
  for (const char* fill :
       {"copy_bar_before", "copy_best_match", "teacher_forced", "greedy", "sampled", "best_of_2"}) {
    INFO(fill);
    CHECK(json["fills"][fill]["all"]["passages"] == 16);
  }
  for (const char* wrong : {"1,0,1", "0,1,0", "1,1", "1,1,1x", "-1,1,1", "600,1,600"}) {
    INFO(wrong);
    CHECK(run(std::string("evaluate --gap=") + wrong + " " + kMinuet).code == 2);
  }
  CHECK(run("evaluate --candidates 2 " + kMinuet).code == 2);
  const auto refused = run("evaluate --meter 3/4 --gap 0,1,1 " + kMinuet);
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Contains("cannot fill missing bars"));
  const auto no_windows = run("evaluate --meter 7/8 --gap 0,1,1 " + kMinuet);
  CHECK(no_windows.code == 1);
  CHECK_THAT(no_windows.err, Contains("7/8"));
}

TEST_CASE("Output that cannot be written ends with 1 and leaves nothing", "[e2e][errors]") {
  const Workspace work;
  const auto folder = run("reconstruct " + kMinuet + " -o " + (work / "none/out.mid"));
  CHECK(folder.code == 1);
  CHECK_THAT(folder.err, Contains("out.mid"));
}

TEST_CASE("A disk that fills up ends with 1, and the file of before stays", "[e2e][errors]") {
  const Workspace work;
  std::ofstream(work / "out.mid") << "old";
  const auto outcome = shell(kFillDisk + "musicvae reconstruct --threads 1 -m " + model() + " " +
                             kBourree + " -o " + (work / "out.mid"));
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("out.mid"));
  CHECK(read_text(work / "out.mid") == "old");
  CHECK(entries(work / "") == 1);
}

TEST_CASE("models lists those in MUSICVAE_MODELS, and -m takes their name", "[e2e][models]") {
  const Workspace work;
  std::filesystem::copy_file(model(), work / "mine.safetensors");
  const std::string set = "export MUSICVAE_MODELS=" + (work / "") + "; ";
  CHECK_THAT(shell(set + "musicvae models").out, Contains("mine"));
  CHECK(shell(set + "musicvae sample -m mine -o " + (work / "out")).code == 0);
  CHECK(program("sample -m mine -o " + (work / "out")).code == 1);
}

TEST_CASE("models shows what a card says, and a broken file hides no other", "[e2e][models]") {
  const Workspace work;
  const std::string card = work / "card.json", copy = work / "mine.safetensors";
  const std::string halve =
      "models --half-precision " + model() + " -o " + copy + " --card " + card;
  for (const char* bad : {"{", "[]", R"({"purpose": 1, "figures": {}})",
                          R"({"purpose": "tunes", "figures": {"F1": "good"}})"}) {
    std::ofstream(card) << bad;
    const auto refused = program(halve);
    CHECK(refused.code == 1);
    CHECK_THAT(refused.err, Contains("card.json"));
    CHECK_FALSE(std::filesystem::exists(copy));
  }
  std::ofstream(card) << R"({"purpose": "tunes of mine", "figures": {"F1 of all": 0.25}})";
  REQUIRE(program(halve).code == 0);
  std::ofstream(work / "broken.safetensors") << "no model";
  const auto listed = shell("export MUSICVAE_MODELS=" + (work / "") + "; musicvae models");
  CHECK(listed.code == 0);
  CHECK_THAT(listed.out, Contains("mine: tunes of mine\n  0.25  F1 of all\n"));
  CHECK_THAT(listed.out, Contains("broken: cannot be used\n"));
}
