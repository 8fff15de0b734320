#include "src/distributed/process_place.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <initializer_list>
#include <numeric>
#include <utility>

#include "src/base/error.hpp"

namespace musicvae {
namespace {

constexpr int kMaxProcesses = 4096;

struct Setting {
  std::string name;
  std::string value;
};

/// The first of `names` that is set to something.
std::optional<Setting> find(const Environment& environment,
                            std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto value = environment(name);
    if (value && !value->empty()) return Setting{name, *value};
  }
  return std::nullopt;
}

int number(const Setting& setting, int lowest, int highest) {
  const std::string& text = setting.value;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < lowest ||
      value > highest) {
    throw Error("the environment's " + setting.name + " is '" + text +
                "'; it must be a whole number from " + std::to_string(lowest) + " to " +
                std::to_string(highest));
  }
  return value;
}

int number_or(const std::optional<Setting>& setting, int otherwise, int lowest, int highest) {
  return setting ? number(*setting, lowest, highest) : otherwise;
}

std::string address(const Environment& environment, int size) {
  if (const auto given = find(environment, {"MASTER_ADDR"})) return given->value;
  const auto local = find(environment, {"OMPI_COMM_WORLD_LOCAL_SIZE"});
  if (number_or(local, 0, 1, kMaxProcesses) == size) return "127.0.0.1";
  const auto nodes = find(environment, {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"});
  if (nodes) return first_host(nodes->value);
  throw Error("MASTER_ADDR is not set; set it to the address of process 0's machine, for all " +
              std::to_string(size) + " processes");
}

int port(const Environment& environment) {
  const int given = number_or(find(environment, {"MASTER_PORT"}), ProcessPlace().port, 1, 65534);
  // On that port torchrun itself listens, in the protocol of the LibTorch that it comes with.
  const auto taken = environment("TORCHELASTIC_USE_AGENT_STORE");
  return taken == "True" ? given + 1 : given;
}

/// Deals items to two halves, two at a time: the larger of two goes to the half that has less so
/// far. Each half is then ordered in the same way.
std::vector<std::size_t> even_halves(const std::vector<std::int64_t>& sizes,
                                     const std::vector<std::size_t>& largest_first) {
  if (largest_first.size() < 2) return largest_first;
  std::vector<std::size_t> less, more;
  std::int64_t difference = 0;
  for (std::size_t i = 0; i + 1 < largest_first.size(); i += 2) {
    less.push_back(largest_first[i]);
    more.push_back(largest_first[i + 1]);
    difference -= sizes[largest_first[i]] - sizes[largest_first[i + 1]];
    if (difference < 0) {
      std::swap(less, more);
      difference = -difference;
    }
  }
  if (largest_first.size() % 2 == 1) more.push_back(largest_first.back());
  auto order = even_halves(sizes, less);
  const auto second = even_halves(sizes, more);
  order.insert(order.end(), second.begin(), second.end());
  return order;
}

}  // namespace

ProcessPlace process_place(const Environment& environment) {
  ProcessPlace place;
  const auto size =
      find(environment, {"WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"});
  if (!size) {
    if (!find(environment, {"RANK"})) return place;
    throw Error("RANK is set and WORLD_SIZE is not; set both, or neither to train alone");
  }
  place.size = number(*size, 1, kMaxProcesses);
  const auto rank = find(environment, {"RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID"});
  if (place.size > 1 && !rank) throw Error(size->name + " is set and RANK is not; set both");
  place.rank = number_or(rank, 0, 0, place.size - 1);
  if (place.size == 1) return place;
  const auto local =
      find(environment, {"LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID"});
  place.local_rank = number_or(local, 0, 0, place.size - 1);
  place.local_size = number_or(find(environment, {"LOCAL_WORLD_SIZE"}), 1, 1, place.size);
  place.address = address(environment, place.size);
  place.port = port(environment);
  return place;
}

ProcessPlace process_place() {
  return process_place([](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}

bool on_one_machine(const ProcessPlace& place) {
  return place.local_size == place.size || place.address == "localhost" || place.address == "::1" ||
         place.address.starts_with("127.");
}

std::string first_host(const std::string& list) {
  const auto bracket = list.find('[');
  const auto comma = list.find(',');
  if (bracket == std::string::npos || comma < bracket) return list.substr(0, comma);
  const auto number_end = list.find_first_of("-,]", bracket);
  const auto close = list.find(']', bracket);
  if (close == std::string::npos) return list;
  const auto end = list.find(',', close);
  const auto after = list.substr(close + 1, end == std::string::npos ? end : end - close - 1);
  return list.substr(0, bracket) + list.substr(bracket + 1, number_end - bracket - 1) + after;
}

Share share_of(std::int64_t total, int rank, int size) {
  const std::int64_t first = total * rank / size;
  return {first, total * (rank + 1) / size - first};
}

std::vector<std::size_t> even_order(const std::vector<std::int64_t>& sizes) {
  std::vector<std::size_t> largest_first(sizes.size());
  std::iota(largest_first.begin(), largest_first.end(), std::size_t{0});
  std::stable_sort(largest_first.begin(), largest_first.end(),
                   [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  return even_halves(sizes, largest_first);
}

}  // namespace musicvae
