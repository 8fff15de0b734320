#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;
using Catch::Contains;

namespace {

std::string train(const std::string& run, const std::string& more) {
  return "musicvae train datasets/bundled -q -o " + run + kTinyModel + " " + more;
}

/// A training that goes on until it is ended, in a shell's background; $pid is its process.
std::string endless_training(const std::string& music, const std::string& run) {
  return MUSICVAE_PROGRAM " train " + music + " -q -o " + run + kTinyModel +
         " --steps 1000000 --checkpoint-seconds 0 2>" + run +
         ".log & pid=$!\nfor i in $(seq 600); do [ -e " + run +
         "/state.safetensors ] && break; sleep 0.1; done\n";
}

/// What stands behind the header of a file of tensors, which holds the time taken.
std::string tensors_in(const std::string& file) {
  const std::string bytes = read_text(file);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return bytes.substr(sizeof length + length);
}

/// Replaces a text in the metadata of a model file.
void change_metadata(const std::string& file, const std::string& key, const std::string& text) {
  const std::string bytes = read_text(file);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  auto header = nlohmann::json::parse(bytes.substr(sizeof length, length));
  header["__metadata__"][key] = text;
  std::string changed = header.dump();
  changed.resize((changed.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = changed.size();
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&size), sizeof size);
  out << changed << bytes.substr(sizeof length + length);
}

}  // namespace

TEST_CASE("A list where one value belongs is refused by file, line and key", "[e2e][config]") {
  const Workspace work;
  std::ofstream(work / "comma.toml") << "# mine\n[sample]\nbars = 4\ntemperature = 0,8\n";
  const auto sampled =
      program("sample -o " + (work / "out") + " --config " + (work / "comma.toml"));
  CHECK(sampled.code == 2);
  CHECK_THAT(sampled.err, Contains("comma.toml, line 4") && Contains("temperature"));
  std::ofstream(work / "beta.toml") << "beta = 0,2\nsteps = 5\n";
  const auto trained =
      program("train datasets/bundled -o " + (work / "run") + " --config " + (work / "beta.toml"));
  CHECK(trained.code == 2);
  CHECK_THAT(trained.err, Contains("beta.toml, line 1") && Contains("beta"));
  CHECK_FALSE(std::filesystem::exists(work / "run"));
}

TEST_CASE("A byte order mark in a config file is named", "[e2e][config]") {
  const Workspace work;
  std::ofstream(work / "bom.toml") << "\xEF\xBB\xBFtemperature = 0\n";
  const auto outcome = program("sample -o " + (work / "out") + " --config " + (work / "bom.toml"));
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, Contains("bom.toml, line 1") && Contains("temperature") &&
                              Contains("byte order mark"));
}

TEST_CASE("Numbers that an option cannot hold are refused, in a file by its line",
          "[e2e][config]") {
  const Workspace work;
  for (const std::string value : {"-1", "99999999999999999999"}) {
    std::ofstream(work / "seed.toml") << "bars = 2\nseed = " << value << "\n";
    const std::string sample = "sample -o " + (work / "out");
    const auto given = program(sample + " --seed " + value);
    CHECK(given.code == 2);
    CHECK_THAT(given.err, Contains("--seed") && Contains(value));
    const auto read = program(sample + " --config " + (work / "seed.toml"));
    CHECK(read.code == 2);
    CHECK_THAT(read.err, Contains("seed.toml, line 2") && Contains("seed") && Contains(value));
    CHECK(program("train datasets/bundled -o " + (work / "run") + " --seed " + value).code == 2);
  }
  CHECK(program("sample -o " + (work / "out") + " --temperature nan").code == 2);
  CHECK(program("train datasets/bundled -o " + (work / "run") + " --learning-rate inf").code == 2);
  CHECK(program("train datasets/bundled -o " + (work / "run") + " --steps 9223372036854775808")
            .code == 2);
}

TEST_CASE("A config that is a folder or has no end is refused", "[e2e][config]") {
  const Workspace work;
  for (const std::string& file : {std::string("/dev/zero"), work / ""}) {
    const auto outcome =
        shell("ulimit -v 4000000; musicvae inspect datasets/bundled/folia.mid --config " + file);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, Contains(file));
  }
}

TEST_CASE("Torch's threads wait asleep unless the user says otherwise", "[e2e][threads]") {
  const auto spins = [](const std::string& environment) {
    const std::string text =
        shell("OMP_DISPLAY_ENV=verbose " + environment + " " MUSICVAE_PROGRAM " models").err;
    const std::string name = "GOMP_SPINCOUNT = '";
    const auto at = text.find(name);
    return at == text.npos ? ""
                           : text.substr(at + name.size(),
                                         text.find('\'', at + name.size()) - at - name.size());
  };
  if (spins("").empty()) return;  // Another library than libgomp.
  CHECK(spins("") == "2000");
  CHECK(spins("GOMP_SPINCOUNT=7") == "7");
  CHECK(spins("OMP_WAIT_POLICY=passive") == "0");
}

TEST_CASE("A moved run finds its music beside it, and goes on to the bit", "[e2e][train][resume]") {
  const Workspace work;
  REQUIRE(shell(train(work / "whole", "--steps 6")).code == 0);
  REQUIRE(shell(train(work / "run", "--steps 6 --minutes 0.0001")).code == 0);
  std::filesystem::rename(work / "run", work / "moved");
  std::filesystem::create_directory(work / "run");
  const auto resumed = program("train -q --threads 1 --resume " + (work / "moved"));
  INFO(resumed.err);
  CHECK(resumed.code == 0);
  const bool equal =
      tensors_in(work / "whole/state.safetensors") == tensors_in(work / "moved/state.safetensors");
  CHECK(equal);
}

TEST_CASE("A run goes on with its own music only", "[e2e][train][resume]") {
  const Workspace work;
  const std::string music = work / "music.mvc", other = work / "other.mvc", run = work / "run";
  REQUIRE(program("prepare -q datasets/bundled -o " + music).code == 0);
  REQUIRE(
      program("prepare -q datasets/bundled/folia.mid datasets/bundled/greensleeves.mid -o " + other)
          .code == 0);
  REQUIRE(program("train " + music + " -q -o " + run + kTinyModel + " --steps 5").code == 0);
  const std::string resume = " -q --steps 10 --threads 1 --resume " + run;

  std::filesystem::rename(music, work / "kept.mvc");
  const auto lost = program("train" + resume);
  CHECK(lost.code == 1);
  CHECK_THAT(lost.err, Contains("music.mvc is not there"));

  std::filesystem::copy_file(other, music);
  const auto replaced = program("train" + resume);
  CHECK(replaced.code == 1);
  CHECK_THAT(replaced.err, Contains("music.mvc is other music"));

  const auto refused = program("train " + other + resume);
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Contains("other music"));
  CHECK(program("train datasets/bundled/folia.mid" + resume).code == 1);
  CHECK_FALSE(std::filesystem::exists(run + "/given.mvc"));

  CHECK(program("train " + (work / "kept.mvc") + resume).code == 0);
  CHECK(program("train" + resume + " --steps 12").code == 0);
  CHECK(program("train datasets/bundled" + resume + " --steps 14").code == 0);
  CHECK(std::filesystem::exists(run + "/corpus.mvc"));
}

TEST_CASE("A run in use is refused to others, by the number of the process",
          "[e2e][train][resume]") {
  const Workspace work;
  const auto outcome = shell(endless_training("datasets/bundled", work / "run") +
                             "echo $pid\nmusicvae train -q --resume " + (work / "run") +
                             "\necho $?\n" + train(work / "run", "--steps 5") +
                             "\necho $?\nkill -9 $pid; wait $pid 2>/dev/null\nmusicvae train -q "
                             "--threads 1 --steps 1 --resume " +
                             (work / "run"));
  std::istringstream out(outcome.out);
  std::string pid, resumed, begun;
  out >> pid >> resumed >> begun;
  CHECK(resumed == "1");
  CHECK(begun == "1");
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.err, Contains("in use by process " + pid));
}

TEST_CASE("A training that cannot begin leaves nothing, and bars no corrected one",
          "[e2e][train]") {
  const Workspace work;
  std::filesystem::create_directory(work / "music");
  std::ofstream(work / "music/letter.mid") << "Dear Sir";
  CHECK(program("train -q " + (work / "music") + " -o " + (work / "run")).code == 1);
  CHECK_FALSE(std::filesystem::exists(work / "run"));
  // All of the music is held out.
  CHECK(shell(train(work / "run", "--hold-out '*' --steps 5")).code == 1);
  CHECK_FALSE(std::filesystem::exists(work / "run"));
  const auto diverged = shell(train(work / "run", "--steps 5 --beta 1e308"));
  CHECK(diverged.code == 1);
  CHECK_THAT(diverged.err, Contains("no state had been saved yet"));
  CHECK(shell(train(work / "run", "--steps 5")).code == 0);
}

TEST_CASE("A corpus cut short while it is read ends training in words", "[e2e][train][hostile]") {
  const Workspace work;
  REQUIRE(program("prepare -q datasets/bundled -o " + (work / "c.mvc")).code == 0);
  const auto outcome =
      shell(endless_training(work / "c.mvc", work / "run") + "truncate -s 0 " + (work / "c.mvc") +
            "\nwait $pid; code=$?; cat " + (work / "run.log") + "; exit $code");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out, Contains("c.mvc was cut short"));
}

TEST_CASE("A corpus written over while it is read ends training in words",
          "[e2e][train][hostile]") {
  const Workspace work;
  REQUIRE(program("prepare -q datasets/bundled -o " + (work / "c.mvc")).code == 0);
  const auto outcome =
      shell(endless_training(work / "c.mvc", work / "run") +
            "tr '\\0' '\\377' </dev/zero | dd conv=notrunc status=none bs=1 count=$(stat -c %s " +
            (work / "c.mvc") + ") of=" + (work / "c.mvc") + "\nwait $pid; code=$?; cat " +
            (work / "run.log") + "; exit $code");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out, Contains("changed while it was being read"));
}

TEST_CASE("A file that may not grow ends a command in words", "[e2e][hostile]") {
  const Workspace work;
  const auto outcome = shell(
      "ulimit -f 1; musicvae interpolate datasets/bundled/bwv1007-prelude.mid "
      "datasets/bundled/bwv846-prelude.mid -q -o " +
      (work / "out.mid"));
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("out.mid") && Contains("File too large"));
}

TEST_CASE("A model whose metadata is nested without end is refused, and hides no other",
          "[e2e][models][hostile]") {
  const Workspace work;
  std::filesystem::create_directory(work / "models");
  const std::string file = work / "models/deep.safetensors";
  REQUIRE(program("models --half-precision folk-melody-inpaint -o " + file).code == 0);
  change_metadata(file, "training", std::string(100'000, '[') + std::string(100'000, ']'));
  const auto listed =
      shell("MUSICVAE_MODELS=" + (work / "models") + " " MUSICVAE_PROGRAM " models");
  CHECK(listed.code == 0);
  CHECK_THAT(listed.out, Contains("deep: cannot be used") && Contains("lute-folk"));
  const auto sampled = program("sample -q -m " + file + " -o " + (work / "out"));
  CHECK(sampled.code == 1);
  CHECK_THAT(sampled.err, Contains("deep.safetensors") && Contains("nested"));
  change_metadata(file, "training", "{}");
  change_metadata(file, "grid", R"({"steps_per_quarter": 4.7})");
  const auto fraction = program("sample -q -m " + file + " -o " + (work / "out"));
  CHECK(fraction.code == 1);
  CHECK_THAT(fraction.err, Contains("4.7"));
}

TEST_CASE("Long work asks first whether its output can be written", "[e2e][output]") {
  const Workspace work;
  const std::string nowhere = work / "nowhere/out.mid";
  const std::string piece = " datasets/bundled/folia.mid";
  for (const std::string& command : std::vector<std::string>{
           "record --port virtual:none --seconds 60 -o " + nowhere,
           "interpolate" + piece + piece + " -q --steps 1000 --bars 16 -o " + nowhere,
           "render" + piece + " --soundfont none -o " + nowhere,
           "sample -n 1000 --bars 64 -o /dev/null/out"}) {
    INFO(command);
    const auto outcome = program(command);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, Contains("/out"));
  }
}
