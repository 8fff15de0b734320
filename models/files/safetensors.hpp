#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <torch/types.h>

#include "models/error.hpp"

namespace musicvae::models {

/// A safetensors file: named tensors and string metadata
/// (https://github.com/huggingface/safetensors, format 0.x: u64 header length, JSON header, data).
struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Maps the file; tensors share the map and stay valid after the TensorFile is gone. Throws
/// ModelError on a bad header length, duplicate names, overlapping, gapped or out-of-range offsets,
/// sizes that do not match shape and dtype, unknown dtypes, or a file cut short.
TensorFile read_safetensors(const std::filesystem::path& path);

/// Writes an AtomicFile. Throws Error where the disk refuses, ModelError on names that are not
/// UTF-8 and on dtypes that the format does not know.
void write_safetensors(const TensorFile& file, const std::filesystem::path& path);

}  // namespace musicvae::models
