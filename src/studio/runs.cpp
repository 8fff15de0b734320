#include "src/studio/runs.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/json.hpp"
#include "src/studio/pieces.hpp"

namespace musicvae::studio {
namespace {

constexpr const char* kMetrics = "metrics.jsonl";
constexpr const char* kSamples = "samples";
constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr std::size_t kMostRecords = 20'000;  // In one answer.

/// The step of a sample's name, such as "step-000000500.mid".
std::optional<std::int64_t> step_of(const std::string& name) {
  constexpr std::string_view kStart = "step-", kEnd = ".mid";
  if (!name.starts_with(kStart) || !name.ends_with(kEnd)) return {};
  std::int64_t step = 0;
  const char* const last = name.data() + name.size() - kEnd.size();
  const auto [end, error] = std::from_chars(name.data() + kStart.size(), last, step);
  return error == std::errc() && end == last ? std::optional(step) : std::nullopt;
}

std::vector<std::int64_t> sample_steps(const std::filesystem::path& folder) {
  std::vector<std::int64_t> steps;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(folder / kSamples, absent)) {
    if (const auto step = step_of(entry.path().filename().string())) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

}  // namespace

std::filesystem::path run_sample(const std::filesystem::path& folder, std::int64_t step) {
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(folder / kSamples, absent)) {
    if (step_of(entry.path().filename().string()) == step) return entry.path();
  }
  throw NotFound("there is no sample of step " + std::to_string(step));
}

bool is_run(const std::filesystem::path& path) {
  std::error_code absent;
  return std::filesystem::is_directory(path, absent) &&
         (std::filesystem::exists(path / kMetrics, absent) ||
          std::filesystem::exists(path / "config.json", absent));
}

nlohmann::json run_records(const std::filesystem::path& folder, std::size_t first) {
  std::error_code absent;
  auto records = nlohmann::json::array();
  std::size_t next = 0;
  if (std::filesystem::exists(folder / kMetrics, absent)) {
    const auto bytes = read_file(folder / kMetrics, kMostBytes);
    std::istringstream lines(
        std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    for (std::string line; records.size() < kMostRecords && std::getline(lines, line); ++next) {
      if (next < first) continue;
      try {
        records.push_back(parse_json(line, kMetrics));
      } catch (const Error&) {
        break;
      }
    }
  }
  const auto name = std::filesystem::absolute(folder).lexically_normal();
  const auto last = name.has_filename() ? name.filename() : name.parent_path().filename();
  return {{"name", last.string()},
          {"records", std::move(records)},
          {"next", next},
          {"samples", sample_steps(folder)}};
}

}  // namespace musicvae::studio
