#include "models/files/safetensors.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

namespace musicvae::models {
namespace {

namespace fs = std::filesystem;

using test::entries;
using test::read_text;
using Folder = test::TemporaryFolder;

void write_all(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string file_bytes(std::string_view header, std::string_view data) {
  const std::uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  return bytes.append(header).append(data);
}

std::string error_of(const fs::path& path) {
  try {
    read_safetensors(path);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

std::string error_of_header(std::string_view header, std::string_view data = {}) {
  const Folder folder;
  const auto path = folder / "hostile.safetensors";
  write_all(path, file_bytes(header, data));
  return error_of(path);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TensorFile small_file() {
  TensorFile file;
  file.tensors["weight"] = torch::arange(6, torch::kFloat32).view({2, 3});
  file.tensors["count"] = torch::tensor(7, torch::kInt64);
  file.tensors["flags"] = torch::tensor({true, false, true});
  file.metadata["config"] = R"({"family": "flat"})";
  return file;
}

const std::vector<torch::ScalarType> kAllDtypes{
    torch::kFloat64, torch::kFloat32, torch::kFloat16, torch::kBFloat16, torch::kInt64,
    torch::kInt32,   torch::kInt16,   torch::kInt8,    torch::kUInt8,    torch::kBool};

}  // namespace

TEST_CASE("Tensors of every dtype and rank read back as they were written",
          "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  TensorFile file;
  for (const auto dtype : kAllDtypes) {
    const std::string name = torch::toString(dtype);
    for (const auto& shape :
         std::vector<std::vector<std::int64_t>>{{}, {0}, {3}, {5, 0, 2}, {2, 3, 1}}) {
      file.tensors[name + std::to_string(file.tensors.size())] =
          torch::randint(0, 2, shape).to(dtype);
    }
  }
  file.tensors["transposed"] = torch::rand({3, 5}).t();
  file.metadata = {{"a", "1"}, {"quotes", "\"\\\n"}, {"note", "\xe2\x99\xaa"}};
  write_safetensors(file, path);
  const auto read = read_safetensors(path);
  REQUIRE(read.metadata == file.metadata);
  REQUIRE(read.tensors.size() == file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    INFO(name);
    REQUIRE(read.tensors.at(name).dtype() == tensor.dtype());
    REQUIRE(torch::equal(read.tensors.at(name), tensor));
  }
}

TEST_CASE("The bytes are those of the Python package", "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  TensorFile file;
  file.tensors["a"] = torch::tensor({1, 2}, torch::kUInt8);
  file.tensors["b"] = torch::tensor({1.0F}, torch::kFloat32);
  file.tensors["c"] = torch::tensor({2.0F}, torch::kFloat32);
  for (const std::string value : {"", "v", "vv", "vvv", "vvvv", "vvvvv", "vvvvvv", "vvvvvvv"}) {
    file.metadata["k"] = value;
    write_safetensors(file, path);
    std::string header = R"({"__metadata__":{"k":")" + value +
                         R"("},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                         R"("c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                         R"("a":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}})";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    const std::string data("\x00\x00\x80\x3f\x00\x00\x00\x40\x01\x02", 10);
    REQUIRE(read_text(path) == file_bytes(header, data));
  }
}

TEST_CASE("Tensors outlive their file, and writing to them leaves it alone",
          "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors(small_file(), path);
  const auto bytes = read_text(path);
  auto weight = read_safetensors(path).tensors.at("weight");
  weight.add_(1);
  REQUIRE(read_text(path) == bytes);
  fs::remove(path);
  REQUIRE(torch::equal(weight, torch::arange(1, 7, torch::kFloat32).view({2, 3})));
}

TEST_CASE("Tensors share one map of the file", "[models][safetensors]") {
  const Folder folder;
  write_safetensors(small_file(), folder / "a");
  const auto tensors = read_safetensors(folder / "a").tensors;
  REQUIRE(tensors.at("weight").is_alias_of(tensors.at("flags")));
}

TEST_CASE("A mapped file can be written over itself", "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors(small_file(), path);
  const auto bytes = read_text(path);
  write_safetensors(read_safetensors(path), path);
  REQUIRE(read_text(path) == bytes);
}

TEST_CASE("Data that is not aligned is read all the same", "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  const std::string header = R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  for (std::size_t padding = 0; padding < 8; ++padding) {
    write_all(path, file_bytes(header + std::string(padding, ' '), {"\x00\x00\x80\x3f", 4}));
    REQUIRE(read_safetensors(path).tensors.at("x").item<float>() == 1.0F);
  }
}

TEST_CASE("A file cut short anywhere is refused", "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors(small_file(), path);
  const auto bytes = read_text(path);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    INFO(length);
    write_all(path, std::string_view(bytes).substr(0, length));
    const auto error = error_of(path);
    INFO(error);
    REQUIRE(contains(error, "model.safetensors: "));
    REQUIRE(contains(error, "cut short") == (length >= 8));
    REQUIRE(contains(error, "too short") == (length < 8));
  }
}

TEST_CASE("A file larger than memory is refused by name", "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors(small_file(), path);
  fs::resize_file(path, std::uintmax_t{1} << 43);  // A hole that costs no space.
  REQUIRE(contains(error_of(path), "model.safetensors: "));
}

TEST_CASE("A changed byte is either refused or read within bounds", "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors(small_file(), path);
  const auto bytes = read_text(path);
  for (std::size_t at = 0; at < bytes.size() * 8; ++at) {
    auto changed = bytes;
    changed[at / 8] = static_cast<char>(changed[at / 8] ^ (1 << at % 8));
    write_all(path, changed);
    try {
      for (const auto& [name, tensor] : read_safetensors(path).tensors) tensor.clone();
    } catch (const ModelError&) {
    }
  }
}

TEST_CASE("A header longer than the file or than 100 MB is refused", "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  const auto error_of_length = [&path](std::uint64_t length) {
    std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
    write_all(path, bytes + "{}");
    if (length > 3) fs::resize_file(path, 100'000'100);  // A hole that costs no space.
    return error_of(path);
  };
  for (const std::uint64_t length :
       {std::uint64_t{3}, std::uint64_t{100'000'001}, std::numeric_limits<std::uint64_t>::max()}) {
    REQUIRE(contains(error_of_length(length), "a header of " + std::to_string(length)));
  }
  REQUIRE_FALSE(contains(error_of_length(100'000'000), "a header of"));
}

TEST_CASE("A header that is not an object of entries is refused, with the reason",
          "[models][safetensors]") {
  const std::string start = "does not start with '{'";
  const std::string json = "not valid JSON";
  const std::string objects = "not a JSON object of objects";
  const std::string fields = "'a': expected dtype, shape and data_offsets";
  const std::string types = "'a': expected a string dtype";
  const std::string deep = "'a': nested too deeply";
  const std::vector<std::pair<std::string, std::string>> faults{
      {"", start},
      {" {}", start},
      {"[]", start},
      {std::string("{}\0{}", 5), "a zero byte"},
      {"7", start},
      {"{", json},
      {"{}}", json},
      {"{\"\xff\":{}}", json},
      {R"({"a":1})", objects},
      {R"({"a":[]})", objects},
      {R"({"a":null})", objects},
      {R"({"__metadata__":"a"})", objects},
      {R"({"a":{}})", fields},
      {R"({"a":{"dtype":"F32","shape":[1]}})", fields},
      {R"({"a":{"kind":"F32","shape":[1],"data_offsets":[0,4]}})", fields},
      {R"({"a":{"dtype":"F32","size":[1],"data_offsets":[0,4]}})", fields},
      {R"({"a":{"dtype":"F32","shape":[1],"offsets":[0,4]}})", fields},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"extra":1}})", fields},
      {R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", types},
      {R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", types},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":4}})", types},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}})", types},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})", types},
      {R"({"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}})", deep},
      {R"({"a":{"dtype":{},"shape":[1],"data_offsets":[0,4]}})", deep}};
  for (const auto& [header, reason] : faults) {
    INFO(header);
    REQUIRE_THAT(error_of_header(header, "1234"), Catch::Contains(reason));
  }
}

TEST_CASE("Metadata that is not text is refused, and named", "[models][safetensors]") {
  for (const std::string value : {"1", "[]"}) {
    REQUIRE(contains(error_of_header(R"({"__metadata__":{"steps":)" + value + "}}"),
                     "'__metadata__': the value of 'steps' is not a string"));
  }
}

TEST_CASE("A header nested a million deep is refused without a stack overflow",
          "[models][safetensors]") {
  for (const auto* open : {"[", "{\"a\":"}) {
    std::string header = "{\"a\":{\"dtype\":";
    for (int depth = 0; depth < 1'000'000; ++depth) header += open;
    REQUIRE(contains(error_of_header(header), "nested too deeply"));
  }
}

TEST_CASE("An entry that does not fit the data is refused, and named", "[models][safetensors]") {
  const auto entry = [](const char* dtype, const char* shape, const char* offsets) {
    return std::string(R"({"weight":{"dtype":")") + dtype + R"(","shape":)" + shape +
           R"(,"data_offsets":)" + offsets + "}}";
  };
  REQUIRE(error_of_header(entry("F32", "[1]", "[0,4]"), "1234") == "");
  const std::string integer = "expected an integer of 0 or more, found ";
  const std::string memory = "its shape has more elements than memory can hold";
  const std::string outside = " are not within the file's 4 bytes of data";
  const std::vector<std::pair<std::string, std::string>> faults{
      {entry("F33", "[1]", "[0,4]"), "unknown dtype 'F33'"},
      {entry("F64", "[1]", "[0,4]"), "shape and dtype need 8 bytes, its offsets hold 4"},
      {entry("F32", "[2]", "[0,4]"), "shape and dtype need 8 bytes, its offsets hold 4"},
      {entry("F32", "[-1]", "[0,4]"), integer + "-1"},
      {entry("F32", "[1.0]", "[0,4]"), integer + "1.0"},
      {entry("F32", "[1]", "[-4,0]"), integer + "-4"},
      {entry("F32", "[1]", "[4,0]"), "data offsets 4 to 0" + outside},
      {entry("F32", "[2]", "[0,8]"), "data offsets 0 to 8" + outside},
      {entry("F32", "[1]", "[18446744073709551612,0]"),
       "data offsets 18446744073709551612 to 0" + outside},
      {entry("U8", "[4294967296,4294967296,4]", "[0,4]"), memory},
      {entry("U8", "[4294967296,4294967296,4]", "[0,0]"), memory},
      {entry("U8", "[0,9223372036854775807,9223372036854775807]", "[0,0]"), memory},
      {entry("U8", "[18446744073709551615]", "[0,4]"),
       "dimension 18446744073709551615 is too large"}};
  for (const auto& [header, reason] : faults) {
    INFO(header);
    REQUIRE_THAT(error_of_header(header, "1234"), Catch::Contains("'weight': " + reason));
  }
}

TEST_CASE("A tensor has 64 dimensions at most", "[models][safetensors]") {
  const auto error_of_rank = [](int rank) {
    std::string shape = "1";
    for (int i = 1; i < rank; ++i) shape += ",1";
    const auto entry = R"(:{"dtype":"U8","shape":[)" + shape + R"(],"data_offsets":)";
    return error_of_header("{\"a\"" + entry + "[0,1]},\"b\"" + entry + "[1,2]}}", "12");
  };
  REQUIRE(error_of_rank(64) == "");
  REQUIRE(contains(error_of_rank(65), "'a': too many dimensions"));
}

TEST_CASE("Every dtype has the name that the format gives it", "[models][safetensors]") {
  const std::vector<std::pair<const char*, torch::ScalarType>> dtypes{
      {"F64", torch::kFloat64},   {"F32", torch::kFloat32}, {"F16", torch::kFloat16},
      {"BF16", torch::kBFloat16}, {"I64", torch::kInt64},   {"I32", torch::kInt32},
      {"I16", torch::kInt16},     {"I8", torch::kInt8},     {"U8", torch::kUInt8},
      {"BOOL", torch::kBool}};
  for (const auto& [name, dtype] : dtypes) {
    const Folder folder;
    TensorFile file;
    file.tensors["a"] = torch::zeros(1, dtype);
    write_safetensors(file, folder / "a");
    REQUIRE(contains(read_text(folder / "a"), std::string(R"("dtype":")") + name + '"'));
  }
}

TEST_CASE("A file of no tensors reads back", "[models][safetensors]") {
  const Folder folder;
  write_safetensors({}, folder / "a");
  REQUIRE(read_safetensors(folder / "a").tensors.empty());
  REQUIRE(read_text(folder / "a") == file_bytes("{}      ", ""));
}

TEST_CASE("Overlaps, gaps and data beyond the last tensor are refused", "[models][safetensors]") {
  const auto two = [](const char* a, const char* b) {
    return std::string(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)") + a +
           R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + b + "}}";
  };
  REQUIRE(error_of_header(two("[0,2]", "[2,4]"), "1234") == "");
  REQUIRE(error_of_header(two("[2,4]", "[0,2]"), "1234") == "");
  REQUIRE(error_of_header(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                          R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
                          "12") == "");
  REQUIRE(contains(error_of_header(two("[0,2]", "[1,3]"), "123"), "overlap"));
  REQUIRE(contains(error_of_header(two("[0,2]", "[3,5]"), "12345"), "gaps"));
  REQUIRE(contains(error_of_header(two("[1,3]", "[3,5]"), "12345"), "gaps"));
  REQUIRE(contains(error_of_header(two("[0,2]", "[2,4]"), "12345"), "4 of 5 bytes"));
}

TEST_CASE("A name or a field that appears twice is refused", "[models][safetensors]") {
  const std::string entry = R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  REQUIRE(error_of_header("{" + entry + "}") == "");
  REQUIRE(contains(error_of_header("{" + entry + "," + entry + "}"), "twice"));
  REQUIRE(contains(
      error_of_header(R"({"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
      "two values for 'dtype'"));
}

TEST_CASE("A bool that is neither 0 nor 1 is refused", "[models][safetensors]") {
  const auto* header = R"({"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})";
  REQUIRE(error_of_header(header, "\x01\x01") == "");
  REQUIRE(contains(error_of_header(header, "\x01\x02"), "'a' is BOOL"));
}

TEST_CASE("What is not a file is refused", "[models][safetensors]") {
  REQUIRE(contains(error_of("no/such/model.safetensors"), "no such file"));
  REQUIRE(contains(error_of(fs::temp_directory_path()), "name the .safetensors file in it"));
}

TEST_CASE("A write that fails leaves the old file and nothing else", "[models][safetensors]") {
  const Folder folder;
  const auto path = folder / "model.safetensors";
  write_safetensors(small_file(), path);
  const auto bytes = read_text(path);
  auto bad_name = small_file();
  bad_name.tensors["\xff"] = torch::zeros(1);
  auto bad_dtype = small_file();
  bad_dtype.tensors["z"] = torch::zeros(1, torch::kComplexFloat);
  auto reserved = small_file();
  reserved.tensors["__metadata__"] = torch::zeros(1);
  auto undefined = small_file();
  undefined.tensors["z"] = torch::Tensor();
  for (const auto& file : {bad_name, bad_dtype, reserved, undefined}) {
    REQUIRE_THROWS_AS(write_safetensors(file, path), ModelError);
  }
  REQUIRE(read_text(path) == bytes);
  REQUIRE(entries(folder.path()) == 1);
  REQUIRE_THROWS_AS(write_safetensors(small_file(), folder / "absent" / "a"), Error);
}

}  // namespace musicvae::models
