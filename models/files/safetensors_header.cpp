#include "models/files/safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

namespace musicvae::models {
namespace {

using nlohmann::json;

constexpr const char* kMetadataKey = "__metadata__";
constexpr std::size_t kMaxRank = 64;

constexpr std::array<std::pair<const char*, torch::ScalarType>, 10> kDtypes{{
    {"F64", torch::kFloat64},
    {"F32", torch::kFloat32},
    {"F16", torch::kFloat16},
    {"BF16", torch::kBFloat16},
    {"I64", torch::kInt64},
    {"I32", torch::kInt32},
    {"I16", torch::kInt16},
    {"I8", torch::kInt8},
    {"U8", torch::kUInt8},
    {"BOOL", torch::kBool},
}};

torch::ScalarType dtype_from_name(const std::string& name) {
  for (const auto& [known, dtype] : kDtypes) {
    if (name == known) return dtype;
  }
  throw ModelError("unknown dtype '" + name + "'");
}

const char* dtype_name(torch::ScalarType dtype) {
  for (const auto& [name, known] : kDtypes) {
    if (dtype == known) return name;
  }
  throw ModelError(std::string("safetensors has no dtype for ") + torch::toString(dtype));
}

std::uint64_t unsigned_from_json(const json& value) {
  if (!value.is_number_unsigned()) {
    throw ModelError("expected an integer of 0 or more, found " + value.dump());
  }
  return value.get<std::uint64_t>();
}

std::int64_t dimension_from_json(const json& value) {
  const auto dimension = unsigned_from_json(value);
  if (dimension > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw ModelError("dimension " + std::to_string(dimension) + " is too large");
  }
  return static_cast<std::int64_t>(dimension);
}

// Zeros count as ones for the overflow check: strides are products that skip them.
std::uint64_t bytes_of(const std::vector<std::int64_t>& shape, torch::ScalarType dtype) {
  std::int64_t product = static_cast<std::int64_t>(torch::elementSize(dtype));
  bool empty = false;
  for (const auto dimension : shape) {
    empty = empty || dimension == 0;
    if (__builtin_mul_overflow(product, std::max<std::int64_t>(dimension, 1), &product)) {
      throw ModelError("its shape has more elements than memory can hold");
    }
  }
  return empty ? 0 : static_cast<std::uint64_t>(product);
}

TensorEntry entry_from_json(const std::string& name, const json& value) {
  if (value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets")) {
    throw ModelError("expected dtype, shape and data_offsets");
  }
  const auto& offsets = value["data_offsets"];
  if (!value["dtype"].is_string() || !value["shape"].is_array() || !offsets.is_array() ||
      offsets.size() != 2) {
    throw ModelError("expected a string dtype, a shape [...] and data_offsets [begin, end]");
  }
  TensorEntry entry;
  entry.name = name;
  entry.dtype = dtype_from_name(value["dtype"]);
  for (const auto& dimension : value["shape"]) {
    entry.shape.push_back(dimension_from_json(dimension));
  }
  entry.begin = unsigned_from_json(offsets[0]);
  entry.end = unsigned_from_json(offsets[1]);
  return entry;
}

void check_entry(const TensorEntry& entry, std::uint64_t data_bytes) {
  if (entry.begin > entry.end || entry.end > data_bytes) {
    throw ModelError("data offsets " + std::to_string(entry.begin) + " to " +
                     std::to_string(entry.end) + " are not within the file's " +
                     std::to_string(data_bytes) + " bytes of data; it may be cut short");
  }
  const auto expected = bytes_of(entry.shape, entry.dtype);
  if (entry.bytes() != expected) {
    throw ModelError("shape and dtype need " + std::to_string(expected) +
                     " bytes, its offsets hold " + std::to_string(entry.bytes()));
  }
}

void check_contiguous(const std::vector<TensorEntry>& entries, std::uint64_t data_bytes) {
  std::uint64_t covered = 0;
  for (const auto& entry : entries) {
    if (entry.begin != covered) {
      throw ModelError("tensor '" + entry.name + "' starts at byte " + std::to_string(entry.begin) +
                       " of the data, expected " + std::to_string(covered) +
                       ": tensors must neither overlap nor leave gaps");
    }
    covered = entry.end;
  }
  if (covered != data_bytes) {
    throw ModelError("tensors cover " + std::to_string(covered) + " of " +
                     std::to_string(data_bytes) + " bytes of data");
  }
}

// Takes each entry out of the JSON as soon as it is complete, so that a hostile header is refused
// at its first fault and costs no more memory than the tensors it truly lists.
class HeaderParser {
 public:
  explicit HeaderParser(std::uint64_t data_bytes) : data_bytes_(data_bytes) {}

  // nlohmann's parser calls this to learn whether to keep `value`.
  bool operator()(int depth, json::parse_event_t event, json& value) {
    using Event = json::parse_event_t;
    if (event == Event::key) return take_key(depth, value.get<std::string>());
    check_place(depth, event);
    if (event == Event::value && depth == 3 && ++rank_ > kMaxRank) fail("too many dimensions");
    if (depth != 1 || event != Event::object_end) return true;
    take_object(value);
    return false;
  }

  SafetensorsHeader take() && {
    std::sort(header_.entries.begin(), header_.entries.end(), [](const auto& a, const auto& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    return std::move(header_);
  }

 private:
  // The header is an object (depth 0) of objects (1). Their values (2) are scalars or arrays of
  // scalars (3).
  void check_place(int depth, json::parse_event_t event) const {
    using Event = json::parse_event_t;
    const bool object = event == Event::object_start || event == Event::object_end;
    const bool array = event == Event::array_start || event == Event::array_end;
    if (depth <= 1 && !object) throw ModelError("the header is not a JSON object of objects");
    if ((depth >= 2 && object) || (depth >= 3 && array)) fail("nested too deeply");
  }

  bool take_key(int depth, const std::string& key) {
    if (depth == 1) {
      name_ = key;
      fields_.clear();
      if (!names_.insert(key).second) fail("it appears twice");
    } else if (!fields_.insert(key).second) {
      fail("two values for '" + key + "'");
    }
    rank_ = 0;
    return true;
  }

  void take_object(const json& value) {
    if (name_ == kMetadataKey) {
      take_metadata(value);
      return;
    }
    try {
      header_.entries.push_back(entry_from_json(name_, value));
      check_entry(header_.entries.back(), data_bytes_);
    } catch (const ModelError& error) {
      fail(error.what());
    }
  }

  void take_metadata(const json& value) {
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("the value of '" + key + "' is not a string");
      header_.metadata[key] = text.get<std::string>();
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw ModelError("header entry '" + name_ + "': " + what);
  }

  std::uint64_t data_bytes_;
  SafetensorsHeader header_;
  std::set<std::string> names_;   // All keys of the header so far.
  std::set<std::string> fields_;  // All fields of the current entry so far.
  std::string name_;              // The current entry.
  std::size_t rank_ = 0;          // Scalars so far in the current array.
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes) {
  if (text.empty() || text.front() != '{') throw ModelError("the header does not start with '{'");
  // The parser takes a zero byte for the end.
  if (text.find('\0') != text.npos) throw ModelError("the header holds a zero byte");
  HeaderParser parser(data_bytes);
  try {
    // nlohmann copies the callback, so it gets a reference. The value that parse() returns has no
    // use.
    const auto rest = json::parse(text, std::ref(parser));
  } catch (const json::exception& error) {
    throw ModelError(std::string("the header is not valid JSON: ") + error.what());
  }
  auto header = std::move(parser).take();
  check_contiguous(header.entries, data_bytes);
  return header;
}

std::string format_safetensors_header(const SafetensorsHeader& header) {
  auto root = nlohmann::ordered_json::object();
  if (!header.metadata.empty()) root[kMetadataKey] = header.metadata;
  for (const auto& entry : header.entries) {
    if (entry.name == kMetadataKey) throw ModelError("no tensor may be named __metadata__");
    root[entry.name] = {{"dtype", dtype_name(entry.dtype)},
                        {"shape", entry.shape},
                        {"data_offsets", {entry.begin, entry.end}}};
  }
  try {
    auto text = root.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
  } catch (const nlohmann::json::exception& error) {
    throw ModelError(std::string("names and metadata must be UTF-8: ") + error.what());
  }
}

}  // namespace musicvae::models
