#include <cstdint>
#include <cstring>

#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;
using Catch::Contains;

namespace {

std::string train(const std::string& run, const std::string& more) {
  return "musicvae train datasets/bundled -q --hold-out '*bwv996*' -o " + run + kTinyModel + " " +
         more;
}

/// Waits until `file` is there.
std::string wait_for(const std::string& file) {
  return "for i in $(seq 600); do [ -e " + file + " ] && break; sleep 0.1; done\n";
}

}  // namespace

TEST_CASE("Training twice with one seed gives the same model, byte for byte", "[e2e][train]") {
  const Workspace work;
  CHECK(shell(train(work / "a", "--steps 6 --json")).code == 0);
  CHECK(shell(train(work / "b", "--steps 6")).code == 0);
  const auto parameters = [&](const char* name) {
    const auto file = read_text(work / name);
    std::uint64_t header = 0;  // It holds the time taken.
    std::memcpy(&header, file.data(), sizeof header);
    return file.substr(sizeof header + header);
  };
  CHECK(parameters("a/state.safetensors") == parameters("b/state.safetensors"));
}

TEST_CASE("metrics.jsonl has its first line at step 10", "[e2e][train]") {
  const Workspace work;
  CHECK(shell(train(work / "run", "--validate-every 1000 --steps 20")).code == 0);
  const auto metrics = read_text(work / "run/metrics.jsonl");
  CHECK_THAT(metrics.substr(0, metrics.find('\n')), Contains("\"step\":10,"));
}

TEST_CASE("Ctrl-C saves, ends with 130, and the run goes on from there", "[e2e][train]") {
  const Workspace work;
  const auto outcome =
      shell(MUSICVAE_PROGRAM " " + train(work / "run", "--steps 1000000").substr(9) +
            " & pid=$!\n" + wait_for(work / "run/model.safetensors") + "kill -INT $pid; wait $pid");
  CHECK(outcome.code == 130);
  CHECK_THAT(outcome.err, Contains("--resume"));
  const auto resumed = program("train --json --resume " + (work / "run") + " --steps 1");
  CHECK(resumed.code == 0);
  CHECK(resumed.json()["step"] >= 5);
}

TEST_CASE("A run killed at any moment can be resumed", "[e2e][train]") {
  const Workspace work;
  const auto killed =
      shell(MUSICVAE_PROGRAM " " +
            train(work / "run", "--steps 1000000 --checkpoint-seconds 0").substr(9) +
            " & pid=$!\n" + wait_for(work / "run/state.safetensors") + "kill -9 $pid; wait $pid");
  CHECK(killed.code == 137);
  for (int round = 0; round < 3; ++round) {
    const auto again =
        shell(MUSICVAE_PROGRAM " train -q --threads 1 --checkpoint-seconds 0 --resume " +
              (work / "run") + " & pid=$!\nsleep 2; kill -9 $pid; wait $pid");
    CHECK(again.code == 137);
  }
  const auto resumed = program("train --json --resume " + (work / "run") + " --steps 1");
  CHECK(resumed.code == 0);
  CHECK(resumed.json()["step"] >= 1);
}

TEST_CASE("An evaluation that is killed leaves no copy of the music behind", "[e2e][evaluate]") {
  const Workspace work;
  const std::string temporary = work / "temporary";
  std::filesystem::create_directory(temporary);
  const auto killed = shell("TMPDIR=" + temporary +
                            " " MUSICVAE_PROGRAM
                            " evaluate datasets/bundled -q --gap 3,2,3"
                            " --candidates 1024 & pid=$!\n"
                            "for i in $(seq 600); do grep '" +
                            temporary +
                            ".*(deleted)' /proc/$pid/maps && break; sleep 0.1; done\n"
                            "kill -9 $pid; wait $pid");
  CHECK(killed.code == 137);
  CHECK_THAT(killed.out, Contains("(deleted)"));
  CHECK(std::filesystem::is_empty(temporary));
}

TEST_CASE("Without a temporary folder an evaluation says which setting to mend",
          "[e2e][evaluate]") {
  const auto outcome = shell("TMPDIR=/nowhere musicvae evaluate datasets/bundled -q");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("TMPDIR"));
}

TEST_CASE("A full disk ends training with an error and leaves the last checkpoint whole",
          "[e2e][train]") {
  const Workspace work;
  REQUIRE(shell(train(work / "run", "--steps 5")).code == 0);
  const auto before = read_text(work / "run/state.safetensors");
  const auto outcome = shell("trap '' XFSZ; ulimit -f 8; musicvae train -q --resume " +
                             (work / "run") + " --steps 10");
  CHECK(outcome.code == 1);
  CHECK_FALSE(outcome.err.empty());
  CHECK(read_text(work / "run/state.safetensors") == before);
  CHECK(program("train -q --resume " + (work / "run") + " --steps 10").code == 0);
}

TEST_CASE("Fine-tuning starts from the model given and refuses other sizes", "[e2e][train]") {
  const Workspace work;
  REQUIRE(shell(train(work / "run", "--steps 5")).code == 0);
  const std::string init = " --init " + (work / "run/model.safetensors") + " --threads 1 -q --json";
  const auto tuned =
      program("train datasets/bundled --batch-size 4 --steps 2 --validate-every 2 -o " +
              (work / "tuned") + init);
  CHECK(tuned.code == 0);
  const auto other =
      program("train datasets/bundled --latent 4 --steps 2 -o " + (work / "other") + init);
  CHECK(other.code == 1);
  CHECK_THAT(other.err, Contains("--init"));
}

TEST_CASE("A resumed run refuses to change its settings", "[e2e][train]") {
  const Workspace work;
  REQUIRE(shell(train(work / "run", "--steps 5")).code == 0);
  const auto refused = [&](const std::string& flag, const std::string& value) {
    const auto outcome = program("train --resume " + (work / "run") + " " + flag + " " + value);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, Contains(flag));
  };
  refused("--latent", "3");
  refused("-o", work / "elsewhere");
  refused("--hold-out", "'*bwv996*'");
}
