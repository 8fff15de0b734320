#pragma once

#include <thread>
#include <unistd.h>
#include <vector>

#include "src/distributed/distributed.hpp"

namespace musicvae {

/// Runs `work` as each of `size` processes. Threads stand for the processes.
template <class Work>
void together(int size, Work work) {
  const int port = 20000 + static_cast<int>(getpid()) % 12000;
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank) {
    threads.emplace_back([=] {
      ProcessPlace place;
      place.rank = rank;
      place.size = size;
      place.address = "127.0.0.1";
      place.port = port;
      work(Distributed(place, torch::kCPU));
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace musicvae
