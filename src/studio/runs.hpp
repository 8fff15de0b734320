#pragma once

#include <cstddef>
#include <filesystem>

#include <nlohmann/json.hpp>

namespace musicvae::studio {

/// Whether `path` is the folder of a training run.
bool is_run(const std::filesystem::path& path);

/// What a run has told of its training from record `first` on, as it may still go on: {"name",
/// "records", "next"}. A record is a line of metrics.jsonl; what is not JSON (yet) ends the list.
nlohmann::json run_records(const std::filesystem::path& folder, std::size_t first);

}  // namespace musicvae::studio
