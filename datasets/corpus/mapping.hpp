#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace musicvae::datasets {

/// A file's bytes, mapped read-only for as long as the object lives.
class Mapping {
 public:
  /// Throws DatasetError naming the file where it cannot be opened or mapped.
  static Mapping of_file(const std::filesystem::path& path);
  /// Maps an open file, which stays open. Throws DatasetError.
  explicit Mapping(int descriptor);
  Mapping(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(Mapping) = delete;
  ~Mapping();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

/// A file without a name that takes bytes at its end, for data that must not fill the memory. It is
/// gone when the process is, however that ends.
class Spool {
 public:
  /// Makes the file in that folder. Throws DatasetError where nothing can be written there.
  explicit Spool(const std::filesystem::path& folder);
  /// Makes the file in the system's temporary folder.
  static Spool temporary();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();

  const std::string& folder() const { return folder_; }
  std::size_t size() const { return size_; }
  void append(std::span<const std::byte> bytes);
  /// Replaces bytes that are already there.
  void overwrite(std::size_t offset, std::span<const std::byte> bytes);
  Mapping map() const { return Mapping(descriptor_); }

 private:
  std::string folder_;
  int descriptor_;
  std::size_t size_ = 0;
};

}  // namespace musicvae::datasets
