#include <regex>

#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;

namespace {

/// The program itself, and every command.
const std::vector<std::string> kCommands = {
    "",
#define PROGRAM_COMMAND(name, summary, example) #name,
#define ENGINE_COMMAND(name, summary, example) #name,
#include "src/commands/table.inc"
};

/// CLI11's releases differ in blanks, capitals of headings, the program's path, and "=4" or "[4]"
/// for a default.
std::string normalised(std::string text) {
  text = std::regex_replace(text, std::regex(R"([^\s]*/musicvae\b)"), "musicvae");
  text = std::regex_replace(text, std::regex(R"([\s=\[\]]+)"), " ");
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

std::string golden_file(const std::string& command) {
  return "tests/e2e/help/" + (command.empty() ? "musicvae" : command) + ".txt";
}

}  // namespace

TEST_CASE("The help of every command is the one on record", "[e2e][help]") {
  const bool renew = std::getenv("MUSICVAE_RENEW_GOLDEN") != nullptr;
  for (const std::string& command : kCommands) {
    const auto outcome = program(command + " --help");
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    if (renew) std::ofstream(golden_file(command)) << outcome.out;
    INFO("musicvae " << command << " --help; renew with MUSICVAE_RENEW_GOLDEN=1");
    CHECK(normalised(outcome.out) == normalised(read_text(golden_file(command))));
  }
}
