#include "midi/live/port_choice.hpp"

#include <algorithm>
#include <cctype>

#include "midi/error.hpp"

namespace musicvae::midi {
namespace {

using Ports = std::vector<const PortName*>;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_number(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

template <class Fits>
Ports those_that(const std::vector<PortName>& ports, Fits fits) {
  Ports found;
  for (const PortName& port : ports) {
    if (fits(port)) found.push_back(&port);
  }
  return found;
}

Ports matching(const std::vector<PortName>& ports, const std::string& choice) {
  if (is_number(choice))
    return those_that(ports, [&](const PortName& p) { return std::to_string(p.number) == choice; });
  const std::string wanted = lower(choice);
  const Ports whole = those_that(ports, [&](const PortName& p) { return lower(p.name) == wanted; });
  if (!whole.empty()) return whole;
  return those_that(
      ports, [&](const PortName& p) { return lower(p.name).find(wanted) != std::string::npos; });
}

[[noreturn]] void fail(const std::string& problem, const Ports& ports) {
  std::string message = problem;
  for (const PortName* port : ports)
    message += "\n  " + std::to_string(port->number) + "  " + port->name;
  throw MidiError(message);
}

}  // namespace

const PortName& choose_port(const std::vector<PortName>& ports, const std::string& choice,
                            const std::string& kind) {
  const Ports all = those_that(ports, [](const PortName&) { return true; });
  if (all.empty())
    throw MidiError("there is no " + kind +
                    "; plug one in or start one, or make one by the name virtual:NAME");
  const Ports found = matching(ports, choice);
  if (found.size() == 1) return *found.front();
  if (choice.empty())
    fail("there are several; choose one by its number or a part of its name:", all);
  if (found.empty()) fail("no " + kind + " is called '" + choice + "'; there are:", all);
  fail("'" + choice + "' may mean any of these; write its number or more of its name:", found);
}

}  // namespace musicvae::midi
