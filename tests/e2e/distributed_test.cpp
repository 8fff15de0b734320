#include <cmath>
#include <cstdlib>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;
using Catch::Contains;

namespace {

/// Sets a launcher's variables for `size` processes on this machine, with a new port each time.
std::string launch(int size) {
  return "export WORLD_SIZE=" + std::to_string(size) +
         " MASTER_ADDR=127.0.0.1 MASTER_PORT=$((20000 + RANDOM % 12000))\n";
}

std::string train(const std::string& run, const std::string& more) {
  return MUSICVAE_PROGRAM " train datasets/bundled -q --hold-out '*bwv996*' -o " + run +
         kTinyModel + " " + more;
}

/// Runs a command as two processes. The exit code is rank 0's, or rank 1's plus 64.
std::string two(const std::string& command) {
  return launch(2) + "RANK=1 " + command + " & other=$!\nRANK=0 " + command +
         " || { code=$?; wait $other; exit $code; }\nwait $other || exit $((64 + $?))\n";
}

/// Training losses by step.
std::vector<double> losses(const std::string& run) {
  std::istringstream file(read_text(run + "/metrics.jsonl"));
  std::vector<double> losses;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json.contains("loss")) losses.push_back(json["loss"]);
  }
  return losses;
}

/// The greatest relative difference between two curves of the same length.
double difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double greatest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    greatest = std::max(greatest, std::abs(a[i] - b[i]) / std::abs(b[i]));
  }
  return greatest;
}

std::string wait_for(const std::string& file) {
  return "for i in $(seq 600); do [ -e " + file + " ] && break; sleep 0.1; done\n";
}

}  // namespace

TEST_CASE("Two processes with batch 32 train as one with batch 64", "[e2e][distributed]") {
  const Workspace work;
  const std::string more = "--steps 50 --validate-every 1 ";
  for (const std::string sampling : {"", "--scheduled-sampling 20 "}) {
    const std::string one = work / ("one" + std::to_string(sampling.size()));
    REQUIRE(shell(train(one, more + sampling + "--batch-size 64")).code == 0);
    const std::string pair = work / ("two" + std::to_string(sampling.size()));
    const auto outcome = shell(two(train(pair, more + sampling + "--batch-size 32")));
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    CHECK(losses(pair).size() == 50);
    CHECK(difference(losses(pair), losses(one)) < 1e-4);
  }
}

TEST_CASE("Only process 0 reports and writes, and the others need no music", "[e2e][distributed]") {
  const Workspace work;
  const auto outcome = shell(launch(2) + "RANK=1 " MUSICVAE_PROGRAM " train /nowhere -o " +
                             (work / "other") + " --threads 1 --json & other=$!\nRANK=0 " +
                             train(work / "run", "--steps 5 --json") + " || exit 1\nwait $other");
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(outcome.json()["step"] == 5);
  CHECK_FALSE(std::filesystem::exists(work / "other"));
  CHECK(std::filesystem::exists(work / "run/model.safetensors"));
}

TEST_CASE("A killed process ends the others with an error, and the run goes on with another number",
          "[e2e][distributed]") {
  const Workspace work;
  const std::string command =
      train(work / "run", "--steps 1000000 --checkpoint-seconds 0 --seed 3");
  const std::string temporary = work / "temporary";
  std::filesystem::create_directory(temporary);
  const auto outcome =
      shell(launch(2) + "export TMPDIR=" + temporary + "\nRANK=1 " + command +
            " & other=$!\nRANK=0 timeout 600 " + command + " & first=$!\n" +
            wait_for(work / "run/state.safetensors") + "sleep 1; kill -9 $other; wait $first");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("lost another process"));
  CHECK_THAT(outcome.err, Contains("--resume " + (work / "run")));
  CHECK(std::filesystem::is_empty(temporary));
  for (const int size : {1, 3}) {
    std::string resume = launch(size);
    const std::string again =
        MUSICVAE_PROGRAM " train -q --json --threads 1 --steps 1 --resume " + (work / "run");
    for (int rank = 1; rank < size; ++rank) {
      resume += "RANK=" + std::to_string(rank) + " " + again + " &\n";
    }
    const auto resumed = shell(resume + "RANK=0 " + again);
    INFO(resumed.err);
    REQUIRE(resumed.code == 0);
    CHECK(resumed.json()["step"] >= 1);
  }
}

TEST_CASE("A run resumed by another number of processes goes on as it would have",
          "[e2e][distributed]") {
  const Workspace work;
  const std::string more = "--validate-every 1 --batch-size ";
  REQUIRE(shell(train(work / "whole", more + "12 --steps 20")).code == 0);
  REQUIRE(shell(two(train(work / "run", more + "6 --steps 10"))).code == 0);
  const std::string again =
      MUSICVAE_PROGRAM " train -q --threads 1 --steps 20 --resume " + (work / "run");
  const auto outcome = shell(launch(3) + "RANK=1 " + again + " &\nRANK=2 " + again + " &\nRANK=0 " +
                             again + " && wait");
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(difference(losses(work / "run"), losses(work / "whole")) < 1e-4);
}

TEST_CASE("Ctrl-C on one process stops all of them at one step", "[e2e][distributed]") {
  const Workspace work;
  const std::string command = train(work / "run", "--steps 1000000");
  const auto outcome = shell(launch(2) + "RANK=1 " + command + " & other=$!\nRANK=0 " + command +
                             " & first=$!\n" + wait_for(work / "run/model.safetensors") +
                             "kill -INT $other; wait $other; echo $?; wait $first; echo $?");
  CHECK(outcome.out == "130\n130\n");
  CHECK(std::filesystem::exists(work / "run/state.safetensors"));
}

TEST_CASE("An environment that makes no sense is an error that names the variable",
          "[e2e][distributed]") {
  const Workspace work;
  const auto fails = [&](const std::string& variables, const std::string& message) {
    const auto outcome = shell(variables + " " + train(work / "run", "--steps 1"));
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.err, Contains(message));
    CHECK_FALSE(std::filesystem::exists(work / "run"));
  };
  fails("RANK=abc WORLD_SIZE=2 MASTER_ADDR=localhost", "RANK is 'abc'");
  fails("RANK=2 WORLD_SIZE=2 MASTER_ADDR=localhost", "RANK is '2'");
  fails("RANK=0 WORLD_SIZE=2", "MASTER_ADDR is not set");
}

TEST_CASE("What process 0 cannot do ends the others too", "[e2e][distributed]") {
  const Workspace work;
  const auto outcome =
      shell(two("timeout 600 " MUSICVAE_PROGRAM " train /nowhere -q -o " + (work / "run")));
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Contains("/nowhere"));
  CHECK_THAT(outcome.err, Contains("lost another process"));
}

TEST_CASE("Two hosts train together, and one that falls silent ends the other",
          "[e2e][distributed]") {
  const Workspace work;
  const std::string name = "mv" + std::to_string(getpid());
  const std::string a = name + "a", b = name + "b";
  if (shell("ip netns add " + a + " && ip netns add " + b + " && ip link add " + a +
            " type veth peer name " + b)
          .code != 0) {
    shell("ip netns del " + a + "; ip netns del " + b);
    WARN("network namespaces cannot be made here: training on two hosts is not tested");
    return;
  }
  const auto host = [](const std::string& space, const std::string& address) {
    return "ip link set " + space + " netns " + space + " && ip -n " + space + " addr add " +
           address + "/24 dev " + space + " && ip -n " + space + " link set " + space +
           " up && ip -n " + space + " link set lo up\n";
  };
  const std::string variables = host(a, "10.77.0.1") + host(b, "10.77.0.2") +
                                "export WORLD_SIZE=2 MASTER_ADDR=10.77.0.1 MASTER_PORT=29500\n";
  const auto both = [&](const std::string& command) {
    return "RANK=1 ip netns exec " + b + " " + command + " & other=$!\nRANK=0 ip netns exec " + a +
           " " + command + " & first=$!\n";
  };
  const auto trained =
      shell(variables + both(train(work / "run", "--steps 5")) + "wait $first && wait $other");
  INFO(trained.err);
  CHECK(trained.code == 0);
  const auto cut =
      shell("export WORLD_SIZE=2 MASTER_ADDR=10.77.0.1 MASTER_PORT=29501\n" +
            both("timeout 600 " + train(work / "cut", "--steps 1000000 --checkpoint-seconds 0")) +
            wait_for(work / "cut/state.safetensors") + "sleep 1; ip -n " + b + " link set " + b +
            " down\nwait $first; echo $?; wait $other; echo $?");
  CHECK(cut.out == "1\n1\n");
  CHECK_THAT(cut.err, Contains("lost another process"));
  shell("ip netns del " + a + "; ip netns del " + b);
}
