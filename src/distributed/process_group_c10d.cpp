#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/version.h>

#include "src/base/wait_awake.hpp"
#include "src/distributed/local_listener.hpp"
#include "src/distributed/process_group.hpp"
#ifdef MUSICVAE_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace musicvae {
namespace {

// In LibTorch 2 the class that does the work is a separate one.
#if TORCH_VERSION_MAJOR >= 2
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif
using Store = c10::intrusive_ptr<c10d::Store>;

/// Process 0 may prepare a corpus before it tells. If it ends meanwhile, its connection does too.
constexpr std::chrono::hours kPatience{240};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Runs `work`, and hands the first line of an exception's message to `fail`.
template <class Work, class Fail>
auto translated(Work work, Fail fail) {
  try {
    return work();
  } catch (const c10::Error& error) {
    fail(first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    fail(first_line(error.what()));
  }
  throw std::logic_error("a failure was not reported");
}

[[noreturn]] void lost(const std::string& reason) {
  throw LostProcess("lost another process (" + reason + ")");
}

template <class Options>
void avoid_libuv(Options& options) {
  // LibTorch prefers libuv where it knows of it, though it may be built without.
  if constexpr (requires { options.useLibUV; }) options.useLibUV = false;
}

Store make_store(const ProcessPlace& place) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(place.port);
  options.isServer = place.rank == 0;
  options.numWorkers = static_cast<std::size_t>(place.size);
  options.waitWorkers = false;
  options.timeout = kAnswerTime;
  avoid_libuv(options);
  auto store = c10::make_intrusive<c10d::TCPStore>(place.address, options);
  // It listens on all interfaces, and up to LibTorch 2.0 cannot be told otherwise.
  if (options.isServer && on_one_machine(place)) keep_to_this_machine(place.port);
  return store;
}

Store part_of(const Store& store, const std::string& name) {
  return c10::make_intrusive<c10d::PrefixStore>(name, store);
}

void put(const Store& store, const std::string& key, const std::string& text) {
  store->set(key, std::vector<std::uint8_t>(text.begin(), text.end()));
}

/// The text under `key`, once it is there.
std::string take(const Store& store, const std::string& key) {
  const auto bytes = store->get(key);
  return {bytes.begin(), bytes.end()};
}

/// Our own address on the way to `host`, which others can reach; `host` where that is not known.
std::string address_towards(const std::string& host) {
  const addrinfo hints{.ai_flags = 0,
                       .ai_family = AF_UNSPEC,
                       .ai_socktype = SOCK_DGRAM,
                       .ai_protocol = 0,
                       .ai_addrlen = 0,
                       .ai_addr = nullptr,
                       .ai_canonname = nullptr,
                       .ai_next = nullptr};
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), "9", &hints, &found) != 0) return host;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> guard(found, freeaddrinfo);
  const int handle = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  if (handle < 0) return host;
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  char text[NI_MAXHOST];
  // Connecting a datagram socket sends nothing.
  const bool known = connect(handle, found->ai_addr, found->ai_addrlen) == 0 &&
                     getsockname(handle, reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
                     getnameinfo(reinterpret_cast<sockaddr*>(&own), length, text, sizeof text,
                                 nullptr, 0, NI_NUMERICHOST) == 0;
  close(handle);
  return known ? text : host;
}

/// The interface that Gloo is told to use; empty where it finds one.
std::string chosen_interface() {
  const char* name = std::getenv("GLOO_SOCKET_IFNAME");
  return name == nullptr ? "" : name;
}

c10::intrusive_ptr<Backend> make_gloo(const Store& store, const ProcessPlace& place) {
  const auto options = c10d::ProcessGroupGloo::Options::create(kAnswerTime);
  const auto interface = chosen_interface();
  options->devices.push_back(
      interface.empty()
          ? c10d::ProcessGroupGloo::createDeviceForHostname(address_towards(place.address))
          : c10d::ProcessGroupGloo::createDeviceForInterface(interface));
  return c10::make_intrusive<c10d::ProcessGroupGloo>(part_of(store, "gloo"), place.rank, place.size,
                                                     options);
}

/// Null where tensors on `device` are summed by way of the CPU.
c10::intrusive_ptr<Backend> make_nccl([[maybe_unused]] const Store& store,
                                      [[maybe_unused]] const ProcessPlace& place,
                                      [[maybe_unused]] const torch::Device& device) {
#ifdef MUSICVAE_NCCL
  if (device.is_cuda()) {
    // So that a lost process is an exception here, not an abort elsewhere.
    setenv("NCCL_BLOCKING_WAIT", "1", 0);
    setenv("TORCH_NCCL_BLOCKING_WAIT", "1", 0);
    const auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = kAnswerTime;
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(part_of(store, "nccl"), place.rank,
                                                       place.size, options);
  }
#endif
  return {};
}

class C10dGroup : public ProcessGroup {
 public:
  C10dGroup(const ProcessPlace& place, const torch::Device& device)
      : store_(make_store(place)),
        gloo_(make_gloo(store_, place)),
        nccl_(make_nccl(store_, place, device)) {}

  std::function<void()> start_sum(torch::Tensor tensor) override {
    return start(tensor, [](Backend& backend, std::vector<torch::Tensor>& tensors) {
      return backend.allreduce(tensors);
    });
  }
  void broadcast(torch::Tensor tensor) override {
    start(tensor, [](Backend& backend, std::vector<torch::Tensor>& tensors) {
      return backend.broadcast(tensors);
    })();
  }
  void tell(const std::string& text) override {
    translated([&] { put(store_, next_key(), text); }, lost);
  }
  std::string listen() override {
    const auto key = next_key();
    return translated(
        [&] {
          store_->wait({key}, kPatience);
          return take(store_, key);
        },
        lost);
  }

 private:
  template <class Call>
  std::function<void()> start(const torch::Tensor& tensor, Call call) {
    const bool by_cpu = !tensor.is_cpu() && !nccl_;
    std::vector<torch::Tensor> tensors{by_cpu ? tensor.cpu() : tensor};
    Backend& backend = tensors[0].is_cpu() ? *gloo_ : *nccl_;
    const auto work = translated([&] { return call(backend, tensors); }, lost);
    const bool on_cpu = tensors[0].is_cpu();
    return [=] {
      if (on_cpu) wait_awake([&] { return work->isCompleted(); });
      translated([&] { work->wait(); }, lost);
      if (by_cpu) tensor.copy_(tensors[0]);
    };
  }
  std::string next_key() { return "text/" + std::to_string(texts_++); }

  Store store_;
  c10::intrusive_ptr<Backend> gloo_;
  c10::intrusive_ptr<Backend> nccl_;
  int texts_ = 0;
};

}  // namespace

std::unique_ptr<ProcessGroup> join_processes(const ProcessPlace& place,
                                             const torch::Device& device) {
  return translated(
      [&]() -> std::unique_ptr<ProcessGroup> { return std::make_unique<C10dGroup>(place, device); },
      [&](const std::string& reason) {
        throw Error("process " + std::to_string(place.rank) + " cannot meet the other " +
                    std::to_string(place.size - 1) + " at " + place.address + ":" +
                    std::to_string(place.port) + " (" + reason + "); start all of them within " +
                    std::to_string(kAnswerTime.count()) +
                    " s, with one MASTER_ADDR and one MASTER_PORT that is free there");
      });
}

}  // namespace musicvae
