// Drives LLVMFuzzerTestOneInput without libFuzzer, by random damage to the seed files:
//   midi_fuzz SECONDS SEED FILE_OR_FOLDER...
// The input at hand is kept in fuzz_input.tmp, so that a crash can be reproduced by
//   midi_fuzz 0 0 fuzz_input.tmp

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Input = std::vector<std::uint8_t>;

Input load(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void add_seeds(const fs::path& path, std::vector<Input>& seeds) {
  if (!fs::is_directory(path)) return seeds.push_back(load(path));
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file()) seeds.push_back(load(entry.path()));
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  Input mutate(const std::vector<Input>& seeds) {
    Input input = seeds[below(seeds.size())];
    for (std::size_t left = 1 + below(8); left > 0; --left) damage(input, seeds);
    return input;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void damage(Input& input, const std::vector<Input>& seeds) {
    constexpr std::uint8_t kTelling[] = {0x00, 0x7F, 0x80, 0x90, 0xC0,
                                         0xF0, 0xF7, 0xFF, 0x2F, 0x51};
    const std::size_t at = below(input.size());
    const auto position = input.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = position + static_cast<std::ptrdiff_t>(below(input.size() - at));
    switch (below(6)) {
      case 0:
        if (!input.empty()) *position = static_cast<std::uint8_t>(random_());
        break;
      case 1:
        if (!input.empty()) *position = kTelling[below(std::size(kTelling))];
        break;
      case 2:
        input.erase(position, end);
        break;
      case 3:
        input.resize(at);
        break;
      case 4:
        input.insert(position, kTelling[below(std::size(kTelling))]);
        break;
      default:
        splice(input, at, seeds[below(seeds.size())]);
    }
  }

  void splice(Input& input, std::size_t at, const Input& other) {
    const std::size_t from = below(other.size());
    const std::size_t count = below(std::min<std::size_t>(other.size() - from, 64));
    const auto source = other.begin() + static_cast<std::ptrdiff_t>(from);
    input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), source,
                 source + static_cast<std::ptrdiff_t>(count));
  }

  std::mt19937 random_;
};

void run(const Input& input) {
  std::ofstream("fuzz_input.tmp", std::ios::binary)
      .write(reinterpret_cast<const char*>(input.data()),
             static_cast<std::streamsize>(input.size()));
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Input> seeds;
  for (int i = 3; i < argc; ++i) add_seeds(argv[i], seeds);
  if (seeds.empty()) {
    std::cerr << "usage: " << argv[0] << " SECONDS SEED FILE_OR_FOLDER...\n";
    return 2;
  }
  for (const Input& seed : seeds) run(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[1]));
  Mutator mutator(static_cast<unsigned>(std::atoi(argv[2])));
  std::size_t runs = seeds.size();
  for (; std::chrono::steady_clock::now() < end; ++runs) run(mutator.mutate(seeds));
  std::cout << runs << " inputs, none of them broke it\n";
}
