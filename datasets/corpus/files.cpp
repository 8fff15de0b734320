#include "datasets/corpus/files.hpp"

#include <algorithm>
#include <cctype>
#include <fnmatch.h>
#include <set>
#include <system_error>
#include <utility>

#include "datasets/error.hpp"
#include "midi/file/sequence_path.hpp"

namespace musicvae::datasets {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') && name != "." && name != "..";
}

bool is_midi_name(const fs::path& path) {
  static const std::set<std::string> kExtensions = {".kar", ".mid", ".midi", ".rmi", ".smf"};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return char(std::tolower(letter)); });
  return kExtensions.contains(extension);
}

/// Looks through folders, and through those that links in them lead to, each of them once.
class FolderSearch {
 public:
  /// Folders proper come before linked ones, so that what is found does not depend on the order in
  /// which a disk lists its files.
  void search(std::set<fs::path> folders) {
    while (!folders.empty()) {
      for (const fs::path& folder : std::exchange(folders, {})) list(folder);
      folders = std::exchange(linked_, {});
    }
  }

  std::vector<fs::path> files;
  PassedOver passed_over;

 private:
  void list(const fs::path& folder) {
    std::error_code error;
    const fs::path canonical = fs::canonical(folder, error);
    if (!error && !seen_.insert(canonical).second) return;
    fs::directory_iterator entries(folder, error);
    if (error) {
      ++passed_over["folder that cannot be listed: " + error.message()];
      return;
    }
    std::set<fs::path> inner;
    for (const fs::directory_entry& entry : entries) take(entry, inner);
    for (const fs::path& path : inner) list(path);
  }

  void take(const fs::directory_entry& entry, std::set<fs::path>& inner) {
    std::error_code error;
    const fs::path& path = entry.path();
    if (is_hidden(path)) {
      ++passed_over["hidden, its name begins with a dot"];
    } else if (entry.is_directory(error)) {
      (entry.is_symlink(error) ? linked_ : inner).insert(path);
    } else if (!is_midi_name(path)) {
      ++passed_over["not named .mid, .midi, .kar, .rmi or .smf"];
    } else if (!entry.is_regular_file(error)) {
      ++passed_over["no file, or a link to none"];
    } else {
      files.push_back(path);
    }
  }

  std::set<fs::path> seen_, linked_;
};

/// The same file under two names is one file.
void remove_repeats(std::vector<fs::path>& files) {
  std::set<fs::path> seen;
  std::erase_if(files, [&seen](const fs::path& file) {
    std::error_code error;
    const fs::path canonical = fs::canonical(file, error);
    return !seen.insert(error ? file : canonical).second;
  });
}

}  // namespace

std::vector<fs::path> find_midi_files(const std::vector<fs::path>& paths, PassedOver* passed_over) {
  FolderSearch search;
  std::set<fs::path> folders;
  for (const fs::path& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(midi::parse_sequence_path(path).file, error);
    if (!fs::exists(status)) {
      throw DatasetError("there is no file or folder '" + path.string() + "'");
    }
    if (fs::is_directory(status)) {
      folders.insert(path);
    } else {
      search.files.push_back(path);
    }
  }
  search.search(std::move(folders));
  if (passed_over != nullptr) *passed_over = std::move(search.passed_over);
  std::vector<fs::path> files = std::move(search.files);
  std::sort(files.begin(), files.end());
  remove_repeats(files);
  return files;
}

bool matches(const std::string& pattern, const fs::path& path) {
  return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0 ||
         ::fnmatch(pattern.c_str(), path.filename().c_str(), 0) == 0;
}

}  // namespace musicvae::datasets
