#include "src/studio/runs.hpp"

#include <sstream>
#include <string>

#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/json.hpp"

namespace musicvae::studio {
namespace {

constexpr const char* kMetrics = "metrics.jsonl";
constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr std::size_t kMostRecords = 20'000;  // In one answer.

}  // namespace

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
  return {{"name", last.string()}, {"records", std::move(records)}, {"next", next}};
}

}  // namespace musicvae::studio
