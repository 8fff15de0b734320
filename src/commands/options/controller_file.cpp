#include "src/commands/options/controller_file.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

#include <CLI/CLI.hpp>

#include "src/base/error.hpp"

namespace musicvae::commands {
namespace {

constexpr int kControllers = 120;  // From there on they are orders to a channel.
constexpr int kDimensions = 100'000;
constexpr std::string_view kDimension = "dimension-";

std::optional<int> parse_number(std::string_view text, int below) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < 0 || number >= below) return std::nullopt;
  return number;
}

class ControllerFileReader {
 public:
  explicit ControllerFileReader(std::string path) : path_(std::move(path)) { file_.map.clear(); }

  void add(const CLI::ConfigItem& item) {
    if (item.name == "++" || item.name == "--") return;  // A table begins or ends.
    if (!item.parents.empty()) return add_to_vector(item);
    if (item.name == "position") return map(item, {ControlTarget::Kind::kPosition});
    if (item.name == "temperature") return map(item, {ControlTarget::Kind::kTemperature});
    if (item.name.starts_with(kDimension)) {
      return map(item, {ControlTarget::Kind::kDimension, dimension_of(item.name)});
    }
    file_.attributes.push_back(item.name);
    map(item, {ControlTarget::Kind::kAttribute, static_cast<int>(file_.attributes.size()) - 1});
  }

  ControllerFile take() {
    for (const VectorFiles& vector : file_.vectors) {
      if (vector.more.empty() || vector.less.empty()) {
        fail("[" + vector.name + "] needs two lists of MIDI files, more and less");
      }
    }
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw UsageError(path_ + ": " + problem);
  }

  int dimension_of(const std::string& name) const {
    const auto number = parse_number(std::string_view(name).substr(kDimension.size()), kDimensions);
    if (!number) fail("'" + name + "' is no dimension; write it as dimension-0");
    return *number;
  }

  void map(const CLI::ConfigItem& item, const ControlTarget& target) {
    const auto controller =
        item.inputs.size() == 1 ? parse_number(item.inputs.front(), kControllers) : std::nullopt;
    if (!controller) fail("'" + item.name + "' takes the number of a controller, 0 to 119");
    if (!file_.map.emplace(*controller, target).second) {
      fail("controller " + std::to_string(*controller) + " is there twice");
    }
  }

  void add_to_vector(const CLI::ConfigItem& item) {
    const int index = vector_index(item.parents.front());
    VectorFiles& vector = file_.vectors[static_cast<std::size_t>(index)];
    if (item.name == "controller") return map(item, {ControlTarget::Kind::kVector, index});
    if (item.name == "more") vector.more = item.inputs;
    if (item.name == "less") vector.less = item.inputs;
    if (item.name != "more" && item.name != "less") {
      fail("[" + vector.name + "] has controller, more and less, and no '" + item.name + "'");
    }
  }

  int vector_index(const std::string& name) {
    auto& all = file_.vectors;
    const auto is_it = [&](const VectorFiles& vector) { return vector.name == name; };
    const auto found = std::find_if(all.begin(), all.end(), is_it);
    const auto index = found - all.begin();
    if (found == all.end()) all.push_back({name, {}, {}});
    return static_cast<int>(index);
  }

  const std::string path_;
  ControllerFile file_;
};

}  // namespace

ControllerFile read_controller_file(const std::string& path) {
  std::ifstream input(path);
  if (!input) throw UsageError("cannot read the file of controllers " + path);
  ControllerFileReader reader(path);
  try {
    for (const auto& item : CLI::ConfigTOML().from_config(input)) reader.add(item);
  } catch (const CLI::Error& error) {
    throw UsageError(path + " is not TOML: " + error.what());
  }
  return reader.take();
}

}  // namespace musicvae::commands
