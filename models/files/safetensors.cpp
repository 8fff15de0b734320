#include "models/files/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/safetensors_header.hpp"
#include "src/base/file.hpp"

namespace musicvae::models {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

constexpr std::uint64_t kLengthBytes = 8;

torch::Tensor map_bytes(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw ModelError("a folder; name the .safetensors file in it");
  }
  if (!std::filesystem::is_regular_file(path, error)) throw ModelError("no such file");
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw ModelError(error.message());
  if (size < kLengthBytes) throw ModelError("too short for a safetensors file");
  // The map is not shared, as writing to a tensor must not write to the file.
  return torch::from_file(path.string(), /*shared=*/false, static_cast<std::int64_t>(size),
                          torch::kUInt8);
}

std::uint64_t little_endian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (std::uint64_t i = 0; i < kLengthBytes; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

std::string_view header_text(const torch::Tensor& bytes) {
  const auto* start = bytes.data_ptr<std::uint8_t>();
  const auto available = static_cast<std::uint64_t>(bytes.numel()) - kLengthBytes;
  const auto length = little_endian(start);
  if (length > kMaxHeaderBytes || length > available) {
    throw ModelError("not a safetensors file, or cut short: a header of " + std::to_string(length) +
                     " bytes is claimed, and " + std::to_string(available) + " bytes follow");
  }
  return {reinterpret_cast<const char*>(start) + kLengthBytes, length};
}

torch::Tensor view_tensor(const TensorEntry& entry, const torch::Tensor& bytes,
                          std::uint64_t data_start) {
  const auto offset = data_start + entry.begin;
  auto part =
      bytes.narrow(0, static_cast<std::int64_t>(offset), static_cast<std::int64_t>(entry.bytes()));
  if (offset % torch::elementSize(entry.dtype) != 0) part = part.clone();  // Views must be aligned.
  if (entry.dtype == torch::kBool && part.gt(1).any().item<bool>()) {
    throw ModelError("tensor '" + entry.name + "' is BOOL and holds bytes other than 0 and 1");
  }
  return part.view(entry.dtype).view(entry.shape);
}

TensorFile read_mapped(const torch::Tensor& bytes) {
  const auto text = header_text(bytes);
  const auto data_start = kLengthBytes + text.size();
  auto header = parse_safetensors_header(text, bytes.numel() - data_start);
  TensorFile file;
  file.metadata = std::move(header.metadata);
  for (const auto& entry : header.entries) {
    file.tensors.emplace(entry.name, view_tensor(entry, bytes, data_start));
  }
  return file;
}

// Puts the widest elements first, so that all are aligned without gaps.
SafetensorsHeader lay_out(const TensorFile& file) {
  SafetensorsHeader header{.entries = {}, .metadata = file.metadata};
  for (const auto& [name, tensor] : file.tensors) {
    if (!tensor.defined()) throw ModelError("tensor '" + name + "' is undefined");
    header.entries.push_back({name, tensor.scalar_type(), tensor.sizes().vec(), 0, 0});
  }
  std::stable_sort(header.entries.begin(), header.entries.end(), [](const auto& a, const auto& b) {
    return torch::elementSize(a.dtype) > torch::elementSize(b.dtype);
  });
  std::uint64_t offset = 0;
  for (auto& entry : header.entries) {
    entry.begin = offset;
    entry.end = offset += file.tensors.at(entry.name).numel() * torch::elementSize(entry.dtype);
  }
  return header;
}

void write_tensors(const TensorFile& file, AtomicFile& out) {
  const auto header = lay_out(file);
  const auto text = format_safetensors_header(header);
  const std::uint64_t length = text.size();
  out.write(std::as_bytes(std::span(&length, 1)));
  out.write(std::as_bytes(std::span(text)));
  for (const auto& entry : header.entries) {
    // Tensors are copied one at a time, so that a model on a GPU is never in memory as a whole.
    const auto tensor = file.tensors.at(entry.name).detach().cpu().contiguous();
    out.write({static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes()});
  }
}

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& path) try {
  return read_mapped(map_bytes(path));
} catch (const c10::Error& error) {
  throw ModelError(path.string() + ": " + error.what_without_backtrace());
} catch (const ModelError& error) {
  throw ModelError(path.string() + ": " + error.what());
}

void write_safetensors(const TensorFile& file, const std::filesystem::path& path) {
  AtomicFile out(path);
  write_tensors(file, out);
  out.commit();
}

}  // namespace musicvae::models
