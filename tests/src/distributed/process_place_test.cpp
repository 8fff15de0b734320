#include "src/distributed/process_place.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "src/base/error.hpp"
#include "tests/catch.hpp"

using namespace musicvae;
using Catch::Contains;

namespace {

ProcessPlace place_of(const std::map<std::string, std::string>& variables) {
  return process_place([&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

}  // namespace

TEST_CASE("A process that no launcher started is rank 0 of 1", "[src][distributed]") {
  CHECK(place_of({}).size == 1);
  CHECK(place_of({{"WORLD_SIZE", "1"}, {"RANK", "0"}}).size == 1);
  // An allocation in which srun has started no step is no launch.
  CHECK(place_of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).size == 1);
}

TEST_CASE("torchrun's variables say rank, size and where to meet", "[src][distributed]") {
  std::map<std::string, std::string> variables = {{"RANK", "3"},
                                                  {"WORLD_SIZE", "4"},
                                                  {"LOCAL_RANK", "1"},
                                                  {"LOCAL_WORLD_SIZE", "2"},
                                                  {"MASTER_ADDR", "node0"},
                                                  {"MASTER_PORT", "1234"}};
  const auto place = place_of(variables);
  CHECK(place.rank == 3);
  CHECK(place.size == 4);
  CHECK(place.local_rank == 1);
  CHECK(place.local_size == 2);
  CHECK(place.address == "node0");
  CHECK(place.port == 1234);
  // torchrun holds MASTER_PORT itself, so ours is the next.
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  CHECK(place_of(variables).port == 1235);
}

TEST_CASE("mpirun's variables do, on one machine without an address", "[src][distributed]") {
  std::map<std::string, std::string> variables = {{"OMPI_COMM_WORLD_RANK", "1"},
                                                  {"OMPI_COMM_WORLD_SIZE", "2"},
                                                  {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                                  {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}};
  const auto place = place_of(variables);
  CHECK(place.rank == 1);
  CHECK(place.size == 2);
  CHECK(place.address == "127.0.0.1");
  CHECK(place.port == 29500);
  variables["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
  CHECK_THROWS_WITH(place_of(variables), Contains("MASTER_ADDR is not set"));
}

TEST_CASE("srun's variables do, meeting on the step's first node", "[src][distributed]") {
  const auto place = place_of({{"SLURM_PROCID", "5"},
                               {"SLURM_STEP_NUM_TASKS", "6"},
                               {"SLURM_LOCALID", "2"},
                               {"SLURM_STEP_NODELIST", "gpu[03-04]"}});
  CHECK(place.rank == 5);
  CHECK(place.size == 6);
  CHECK(place.local_rank == 2);
  CHECK(place.address == "gpu03");
}

TEST_CASE("The first host of Slurm's lists is found", "[src][distributed]") {
  CHECK(first_host("alone") == "alone");
  CHECK(first_host("a,b") == "a");
  CHECK(first_host("n[01-03,07],m1") == "n01");
  CHECK(first_host("n[5,7]-ib,m[1-2]") == "n5-ib");
  CHECK(first_host("a1,n[01-03]") == "a1");
  CHECK(first_host("n[01") == "n[01");
}

TEST_CASE("Variables that make no sense are errors that name them", "[src][distributed]") {
  std::map<std::string, std::string> good = {
      {"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "localhost"}};
  const auto with = [&](const char* name, const char* value) {
    auto variables = good;
    variables[name] = value;
    return variables;
  };
  CHECK_THROWS_WITH(place_of(with("RANK", "abc")), Contains("RANK is 'abc'"));
  CHECK_THROWS_WITH(place_of(with("RANK", "2")), Contains("from 0 to 1"));
  CHECK_THROWS_WITH(place_of(with("RANK", "-1")), Contains("RANK is '-1'"));
  CHECK_THROWS_WITH(place_of(with("RANK", "1x")), Contains("RANK is '1x'"));
  CHECK_THROWS_WITH(place_of(with("RANK", "")), Contains("RANK is not"));
  CHECK_THROWS_WITH(place_of(with("WORLD_SIZE", "0")), Contains("WORLD_SIZE is '0'"));
  CHECK_THROWS_WITH(place_of(with("WORLD_SIZE", "99999999999")), Contains("WORLD_SIZE"));
  CHECK_THROWS_WITH(place_of(with("MASTER_PORT", "70000")), Contains("MASTER_PORT is '70000'"));
  CHECK_THROWS_WITH(place_of(with("MASTER_ADDR", "")), Contains("MASTER_ADDR is not set"));
  CHECK_THROWS_WITH(place_of({{"RANK", "0"}}), Contains("WORLD_SIZE is not"));
}

TEST_CASE("Shares of a batch are even and cover it once", "[src][distributed]") {
  for (const int size : {1, 2, 3, 7}) {
    std::int64_t next = 0;
    for (int rank = 0; rank < size; ++rank) {
      const Share share = share_of(10, rank, size);
      CHECK(share.first == next);
      CHECK(share.count >= 10 / size);
      CHECK(share.count <= 10 / size + 1);
      next += share.count;
    }
    CHECK(next == 10);
  }
}

TEST_CASE("In an even order all shares of a batch have about the same size", "[src][distributed]") {
  std::vector<std::int64_t> sizes;
  for (std::int64_t i = 0; i < 96; ++i) sizes.push_back(20 + i * i % 89);
  const auto order = even_order(sizes);
  CHECK(std::set<std::size_t>(order.begin(), order.end()).size() == sizes.size());
  for (const auto& [processes, bound] : {std::pair{2, 1.01}, {3, 1.05}, {4, 1.01}, {8, 1.01}}) {
    std::vector<std::int64_t> sums;
    for (int rank = 0; rank < processes; ++rank) {
      const Share share = share_of(96, rank, processes);
      sums.push_back(0);
      for (auto i = share.first; i < share.first + share.count; ++i) sums.back() += sizes[order[i]];
    }
    const auto [least, most] = std::minmax_element(sums.begin(), sums.end());
    INFO(processes << " processes, " << *least << " to " << *most);
    CHECK(static_cast<double>(*most) / static_cast<double>(*least) < bound);
  }
  CHECK(even_order({}).empty());
  CHECK(even_order({7}) == std::vector<std::size_t>{0});
}

TEST_CASE("Processes run on one machine where their launcher or their address says so",
          "[src][distributed]") {
  ProcessPlace place{0, 4, 0, 4, "node7", 29500};
  CHECK(on_one_machine(place));
  place.local_size = 2;
  CHECK_FALSE(on_one_machine(place));
  for (const char* address : {"127.0.0.1", "127.1.2.3", "localhost", "::1"}) {
    place.address = address;
    CHECK(on_one_machine(place));
  }
  place.address = "10.0.0.1";
  CHECK_FALSE(on_one_machine(place));
}
