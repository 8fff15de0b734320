#include "src/studio/map/map_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "src/base/error.hpp"
#include "src/base/file.hpp"

namespace musicvae::studio {
namespace {

constexpr std::uint64_t kFormat = 0x3250414d4556414d;  // "MAVEMAP2"
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr std::size_t kMostMaps = 12;
constexpr const char* kExtension = ".map";

std::filesystem::path file_of(const std::filesystem::path& folder, std::uint64_t key) {
  return folder / (std::to_string(key) + kExtension);
}

class Writer {
 public:
  template <class Value>
  void add(Value value) {
    const auto* const begin = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), begin, begin + sizeof value);
  }
  std::vector<std::byte> bytes;
};

/// Throws Error at the end of the bytes.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class Value>
  Value take() {
    if (bytes_.size() < sizeof(Value)) throw Error("the map is cut short");
    Value value;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_ = bytes_.subspan(sizeof value);
    return value;
  }
  float take_number() {
    const auto value = take<float>();
    if (!std::isfinite(value)) throw Error("the map holds no number");
    return value;
  }
  bool is_at_end() const { return bytes_.empty(); }

 private:
  std::span<const std::byte> bytes_;
};

MapContent parse(std::span<const std::byte> bytes, std::uint64_t key, std::size_t pieces) {
  Reader reader(bytes);
  const bool ours = reader.take<std::uint64_t>() == kFormat &&
                    reader.take<std::uint64_t>() == key && reader.take<std::uint64_t>() == pieces;
  const auto size = reader.take<std::uint64_t>();
  if (!ours || size > bytes.size()) throw Error("the map is another");
  MapContent content;
  std::size_t placed = 0;
  for (std::size_t i = 0; i < pieces; ++i) {
    Vector vector;
    const auto has_place = reader.take<std::uint8_t>();
    if (has_place > 1) throw Error("the map is damaged");
    if (has_place == 1) {
      ++placed;
      for (std::size_t k = 0; k < size; ++k) vector.push_back(reader.take_number());
    }
    content.vectors.push_back(std::move(vector));
  }
  for (auto* const places : {&content.near, &content.principal}) {
    for (std::size_t i = 0; i < placed; ++i) {
      const float x = reader.take_number(), y = reader.take_number();
      places->push_back({x, y});
    }
  }
  if (!reader.is_at_end()) throw Error("the map is too long");
  return content;
}

/// Removes all maps but those that were written last.
void tidy(const std::filesystem::path& folder) {
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> maps;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == kExtension) {
      maps.emplace_back(entry.last_write_time(error), entry.path());
    }
  }
  std::sort(maps.begin(), maps.end());
  for (std::size_t i = 0; i + kMostMaps < maps.size(); ++i) {
    std::filesystem::remove(maps[i].second, error);
  }
}

}  // namespace

std::filesystem::path maps_folder() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::filesystem::path(cache) / "musicvae" / "maps";
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return {};
  return std::filesystem::path(home) / ".cache" / "musicvae" / "maps";
}

std::optional<MapContent> read_map(const std::filesystem::path& folder, std::uint64_t key,
                                   std::size_t pieces) {
  const auto file = file_of(folder, key);
  std::error_code absent;
  if (folder.empty() || !std::filesystem::is_regular_file(file, absent)) return {};
  try {
    return parse(read_file(file, kMostBytes), key, pieces);
  } catch (const Error&) {
    return {};  // It is made anew.
  }
}

void write_map(const std::filesystem::path& folder, std::uint64_t key, const MapContent& content) {
  if (folder.empty()) return;
  Writer writer;
  std::size_t size = 0;
  for (const Vector& vector : content.vectors) size = std::max(size, vector.size());
  writer.add(kFormat);
  writer.add(key);
  writer.add(std::uint64_t(content.vectors.size()));
  writer.add(std::uint64_t(size));
  for (const Vector& vector : content.vectors) {
    writer.add(std::uint8_t(vector.empty() ? 0 : 1));
    for (const float value : vector) writer.add(value);
  }
  for (const auto* const places : {&content.near, &content.principal}) {
    for (const Place& place : *places) {
      writer.add(place.x);
      writer.add(place.y);
    }
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  try {
    write_file_atomically(file_of(folder, key), writer.bytes);
    tidy(folder);
  } catch (const Error&) {
    return;  // It is made again the next time.
  }
}

}  // namespace musicvae::studio
