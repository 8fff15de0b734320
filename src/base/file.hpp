#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

/// Whole files. Every function here throws Error with the path and the system's reason.
namespace musicvae {

/// The bytes of a file; "-" is standard input. Reads what is there rather than what the file system
/// claims, so pipes and devices work. Throws also where there are more than `max_bytes`.
std::vector<std::byte> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// A file that appears whole or not at all, even when the process is killed or the disk is full.
/// It is written beside its destination under a temporary name; commit() syncs it, renames it and
/// syncs the folder. Without commit() nothing is left; what a killed process left is removed by the
/// next that writes the same file. Links are followed, and a file that is replaced keeps its
/// permissions. Devices and pipes are written to directly, and so is standard output, which is
/// named
/// "-".
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  /// When it returns, the file survives a power cut.
  void commit();

 private:
  void create_temporary();
  void keep_mode();

  std::filesystem::path path_;  // As the user named it.
  std::filesystem::path target_;
  std::filesystem::path temporary_;  // Empty where bytes go to the target directly.
  int descriptor_ = -1;
  int lock_ = -1;  // The same open file, which says until the rename that it is being written.
};

/// Writes one AtomicFile at once.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Throws Error where a file could not be written at `path` as things stand, for work that is long
/// in the making to ask before it begins. Leaves everything as it is.
void check_writable(const std::filesystem::path& path);

/// A new folder for temporary files that nobody else can write to.
std::filesystem::path make_private_folder();

/// As write_file_atomically(), for what cannot be made again. Where it fails, the bytes are kept in
/// a new folder for temporary files, and the Error says where.
void write_or_keep(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace musicvae
