#include "datasets/corpus/files.hpp"

#include <algorithm>
#include <cctype>
#include <fnmatch.h>
#include <set>
#include <system_error>

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
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return char(std::tolower(letter)); });
  return extension == ".mid" || extension == ".midi";
}

void list_folder(const fs::path& folder, std::vector<fs::path>& files) {
  std::error_code error;
  const auto skip = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(folder, skip, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code unknown;
    if (is_hidden(at->path())) {
      at.disable_recursion_pending();
    } else if (is_midi_name(at->path()) && at->is_regular_file(unknown)) {
      files.push_back(at->path());
    }
  }
  if (error) {
    throw DatasetError("cannot list the folder '" + folder.string() + "': " + error.message());
  }
}

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

std::vector<fs::path> find_midi_files(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(midi::parse_sequence_path(path).file, error);
    if (!fs::exists(status)) {
      throw DatasetError("there is no file or folder '" + path.string() + "'");
    }
    if (fs::is_directory(status)) {
      list_folder(path, files);
    } else {
      files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  remove_repeats(files);
  return files;
}

bool matches(const std::string& pattern, const fs::path& path) {
  return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0 ||
         ::fnmatch(pattern.c_str(), path.filename().c_str(), 0) == 0;
}

}  // namespace musicvae::datasets
