#include "src/commands/making/attribute_input.hpp"

#include <charconv>
#include <filesystem>

#include "src/base/error.hpp"
#include "src/music/palette/attributes.hpp"

namespace musicvae::commands {
namespace {

constexpr double kMost = 4;

AttributeRequest parse_request(const std::string& text) {
  const auto equals = text.find('=');
  std::size_t number = equals == std::string::npos ? text.size() : equals + 1;
  if (number < text.size() && text[number] == '+') ++number;
  AttributeRequest request{text.substr(0, equals), 0};
  const auto [end, error] =
      std::from_chars(text.data() + number, text.data() + text.size(), request.amount);
  const bool read = error == std::errc() && end == text.data() + text.size();
  if (read && equals > 0 && request.amount >= -kMost && request.amount <= kMost) return request;
  throw UsageError("--attribute: '" + text +
                   "' is no request; name an attribute and how much more of it, from -4 to 4 "
                   "standard deviations, as density=+1");
}

}  // namespace

void add_attribute_options(CLI::App& command, AttributeInput& input) {
  command
      .add_option("--attribute", input.requests,
                  "More or less of something, in standard deviations, as density=+1: density, "
                  "pitch, range, interval, syncopation16, syncopation8, polyphony, diatonic, "
                  "repetition. May be given several times")
      ->type_name("NAME=AMOUNT")
      ->allow_extra_args(false);
  command
      .add_option("--attributes", input.file,
                  "What `musicvae attributes` measured; the file beside the model unless given")
      ->type_name("FILE");
}

Steer steer_for(const AttributeInput& input, const ModelOptions& options, const MusicVae& model,
                std::uint64_t seed) {
  if (input.requests.empty()) return [](datasets::Passage music) { return music; };
  std::vector<AttributeRequest> requests;
  for (const auto& text : input.requests) requests.push_back(parse_request(text));
  const std::filesystem::path file = input.file.empty()
                                         ? attributes_beside(find_model(options.model))
                                         : std::filesystem::path(input.file);
  if (input.file.empty() && !std::filesystem::exists(file)) {
    throw Error("--attribute: no attributes of " + options.model +
                " are at hand; `musicvae attributes PATH... -m " + options.model + " -o " +
                file.string() + "` measures them");
  }
  const auto steering = for_flag("--attribute", [&] {
    return Steering(model, AttributeSet::read(file, model), requests, seed);
  });
  return [steering](const datasets::Passage& music) { return steering(music); };
}

}  // namespace musicvae::commands
