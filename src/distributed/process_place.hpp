#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace musicvae {

/// Where this process stands among those that train together.
struct ProcessPlace {
  int rank = 0;
  int size = 1;
  int local_rank = 0;   ///< Rank among the processes of this machine.
  int local_size = 1;   ///< Processes on this machine; 1 where the launcher deals cores out.
  std::string address;  ///< The machine of process 0; empty for one process.
  int port = 29500;     ///< Free on that machine.
};

/// The value of an environment variable, or none.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// Reads what torchrun says by RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, or else Open MPI's
/// mpirun by OMPI_COMM_WORLD_* and Slurm's srun by SLURM_*. Rank 0 of 1 where none of them is set.
/// Throws Error naming the variable that is missing or makes no sense.
ProcessPlace process_place(const Environment& environment);
/// The same from this process's environment.
ProcessPlace process_place();

/// Whether all processes are known to run on this machine.
bool on_one_machine(const ProcessPlace& place);

/// The first name in a list of hosts as Slurm writes it: "n01" for "n[01-03,07],m1".
std::string first_host(const std::string& list);

/// A run of passages in a batch.
struct Share {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// The share of process `rank` in `total` passages: as even as can be, and nothing twice.
Share share_of(std::int64_t total, int rank, int size);

/// An order of passages in which all shares, however many there are, have about the same sum of
/// sizes: the process with the most work holds up the others at every step.
std::vector<std::size_t> even_order(const std::vector<std::int64_t>& sizes);

}  // namespace musicvae
