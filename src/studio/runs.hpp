#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include <nlohmann/json.hpp>

namespace musicvae::studio {

/// Whether `path` is the folder of a training run.
bool is_run(const std::filesystem::path& path);

/// What a run has told of its training from record `first` on, as it may still go on: {"name",
/// "records", "next", "samples"}. A record is a line of metrics.jsonl; what is not JSON (yet) ends
/// the list. Samples are the steps at which the model made something up.
nlohmann::json run_records(const std::filesystem::path& folder, std::size_t first);

/// The MIDI file of what the model made up at a step. Throws NotFound where there is none.
std::filesystem::path run_sample(const std::filesystem::path& folder, std::int64_t step);

}  // namespace musicvae::studio
