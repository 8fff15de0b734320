#include "midi/live/ports.hpp"

#include <iostream>
#include <memory>

#include "src/base/text.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/common.hpp"

namespace musicvae::commands {
namespace {

nlohmann::json to_json(const std::vector<midi::PortName>& ports) {
  auto json = nlohmann::json::array();
  for (const auto& [number, name] : ports) json.push_back({{"number", number}, {"name", name}});
  return json;
}

nlohmann::json to_json(const midi::PortList& list) {
  return {{"backend", list.backend},
          {"inputs", to_json(list.inputs)},
          {"outputs", to_json(list.outputs)},
          {"problem", list.problem}};
}

void show_ports(const char* title, const std::vector<midi::PortName>& ports) {
  for (const auto& [number, name] : ports) {
    std::cout << "  " << title << ' ' << number << "  " << printable(name) << '\n';
  }
}

void run(const CommonOptions& common) {
  const auto lists = midi::list_ports();
  if (common.json) {
    auto json = nlohmann::json::array();
    for (const auto& list : lists) json.push_back(to_json(list));
    print_json({{"backends", json}});
    return;
  }
  for (const auto& list : lists) {
    const bool none = list.inputs.empty() && list.outputs.empty();
    std::cout << list.backend << (none ? ": no ports" : "")
              << (list.problem.empty() ? "" : " (" + list.problem + ")") << '\n';
    show_ports("input ", list.inputs);
    show_ports("output", list.outputs);
  }
}

}  // namespace

void setup_ports(CLI::App& command) {
  auto options = std::make_shared<CommonOptions>();
  add_common_options(command, *options);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
