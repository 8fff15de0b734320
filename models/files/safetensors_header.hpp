#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

#include "models/error.hpp"

namespace musicvae::models {

/// Where one tensor lies in the data section of a safetensors file.
struct TensorEntry {
  std::string name;
  torch::ScalarType dtype = torch::kFloat32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  ///< Bytes from the start of the data section.
  std::uint64_t end = 0;

  std::uint64_t bytes() const { return end - begin; }
};

/// The JSON header of a safetensors file.
struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  ///< In the order of their data.
  std::map<std::string, std::string> metadata;
};

/// Longer headers are refused, as in the Python package.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

/// Reads `json` and checks it against a data section of `data_bytes`: the tensors must cover it
/// without gap or overlap. Throws ModelError.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes);

/// The JSON of `header`, padded with spaces so that the data after the length and the header is
/// aligned to 8 bytes. Throws ModelError on names that are not UTF-8 and on dtypes the format does
/// not know.
std::string format_safetensors_header(const SafetensorsHeader& header);

}  // namespace musicvae::models
