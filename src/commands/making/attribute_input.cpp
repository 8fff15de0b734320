#include "src/commands/making/attribute_input.hpp"

#include <charconv>
#include <filesystem>

#include "src/base/error.hpp"

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

void add_attribute_options(CLI::App& command, AttributeInput& input, const std::string& more) {
  command
      .add_option(
          "--attribute", input.requests,
          std::string("More or less of something, in standard deviations, as density=+1: density, "
                      "pitch, range, interval, syncopation16, syncopation8, polyphony, diatonic, "
                      "repetition, or a label of --attributes. May be given several times") +
              (more.empty() ? "" : ". " + more))
      ->type_name("NAME=AMOUNT")
      ->allow_extra_args(false);
  command
      .add_option("--attributes", input.file,
                  "What `musicvae attributes` measured; the file beside the model unless given")
      ->type_name("FILE");
}

std::vector<AttributeRequest> requests_of(const AttributeInput& input) {
  std::vector<AttributeRequest> requests;
  for (const auto& text : input.requests) requests.push_back(parse_request(text));
  return requests;
}

AttributeSet attributes_for(const AttributeInput& input, const ModelOptions& options,
                            const MusicVae& model) {
  const std::filesystem::path file = input.file.empty()
                                         ? attributes_beside(find_model(options.model))
                                         : std::filesystem::path(input.file);
  if (input.file.empty() && !std::filesystem::exists(file)) {
    throw Error("no attributes of " + options.model +
                " are at hand; `musicvae attributes PATH... -m " + options.model + " -o " +
                file.string() + "` measures them");
  }
  return AttributeSet::read(file, model);
}

Steer::Steer(const AttributeInput& input, const ModelOptions& options, const MusicVae& model,
             std::uint64_t seed) {
  const auto requests = requests_of(input);
  if (requests.empty()) return;
  steering_ = for_flag("--attribute", [&] {
    return Steering(model, attributes_for(input, options, model), requests, seed);
  });
}

datasets::Passage Steer::operator()(datasets::Passage music, const std::vector<int>& bars) const {
  return steering_ ? (*steering_)(music, bars) : music;
}

}  // namespace musicvae::commands
