#include "midi/ports.hpp"

#include <iostream>
#include <memory>

#include "src/commands/commands.hpp"
#include "src/commands/common.hpp"

namespace musicvae::commands {
namespace {

nlohmann::json to_json(const midi::PortList& list) {
  return {{"backend", list.backend},
          {"inputs", list.inputs},
          {"outputs", list.outputs},
          {"problem", list.problem}};
}

void show_names(const char* title, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::cout << "  " << title << ' ' << i << "  " << names[i] << '\n';
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
    show_names("input ", list.inputs);
    show_names("output", list.outputs);
  }
}

}  // namespace

void setup_ports(CLI::App& command) {
  auto options = std::make_shared<CommonOptions>();
  add_common_options(command, *options);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
