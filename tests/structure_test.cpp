// Reads the project's own files: which folder includes which, and what its headers declare.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

namespace fs = std::filesystem;
using musicvae::test::read_text;

namespace {

constexpr int kMostFiles = 34;

/// Every folder may include it.
const std::string kLowestFolder = "src/base";

using Folders = std::map<std::string, std::set<std::string>>;

/// The files of code of the library and the program, sorted.
std::vector<fs::path> code_files() {
  std::vector<fs::path> files;
  for (const char* top : {"datasets", "midi", "models", "src"}) {
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      const fs::path extension = entry.path().extension();
      if (extension == ".cpp" || extension == ".hpp") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string folder_of(const fs::path& file) { return file.parent_path().string(); }

/// The files that a file includes by their path from the root of the tree.
std::vector<fs::path> includes_of(const fs::path& file) {
  static const std::regex include("^#include \"(.*)\"");
  std::vector<fs::path> included;
  std::ifstream text(file);
  for (std::string line; std::getline(text, line);) {
    if (std::smatch match; std::regex_search(line, match, include)) included.emplace_back(match[1]);
  }
  return included;
}

std::string trimmed(const std::string& text, const std::string& unwanted) {
  const auto first = text.find_first_not_of(unwanted);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(unwanted) + 1 - first);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    parts.push_back(trimmed(part, " `"));
  return parts;
}

/// The table "folder | may include" of ARCHITECTURE.md.
Folders stated_folders() {
  Folders folders;
  std::ifstream text("ARCHITECTURE.md");
  std::string line;
  while (std::getline(text, line) && line != "| folder | may include |") {
  }
  std::getline(text, line);  // The rule below the heading.
  while (std::getline(text, line) && line.starts_with("|")) {
    const auto cells = split(trimmed(line, "|"), '|');
    auto& allowed = folders[cells.at(0)];
    for (const std::string& folder : split(cells.at(1), ',')) allowed.insert(folder);
  }
  return folders;
}

/// Which folders a folder includes, and where it first does so.
std::map<std::string, std::map<std::string, std::string>> found_folders() {
  std::map<std::string, std::map<std::string, std::string>> folders;
  for (const fs::path& file : code_files()) {
    auto& included = folders[folder_of(file)];
    for (const fs::path& other : includes_of(file)) {
      if (folder_of(other) == folder_of(file) || folder_of(other) == kLowestFolder) continue;
      included.emplace(folder_of(other), file.string() + " includes " + other.string());
    }
  }
  return folders;
}

/// `text` without preprocessor lines, comments, strings and characters.
std::string bare_code(const std::string& text) {
  static const std::regex noise(R"(^#.*|//.*|/\*.*?\*/|"(\\.|[^"\\])*"|'(\\.|[^'\\])')");
  std::string code;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    code += std::regex_replace(line, noise, "") + '\n';
  }
  return code;
}

/// Finds the types that a header declares at namespace scope. A forward declaration is none.
class TypeFinder {
 public:
  explicit TypeFinder(const std::string& code) {
    for (const char letter : code) take(letter);
  }

  std::set<std::string> types() const { return types_; }

 private:
  void take(char letter) {
    if (letter == '{') {
      open();
    } else if (letter == '}') {
      scopes_.pop_back();
    } else if (letter == ';') {
      find_alias();
    } else {
      statement_ += letter;
      return;
    }
    statement_.clear();
  }

  bool in_namespace() const { return std::count(scopes_.begin(), scopes_.end(), false) == 0; }

  void open() {
    static const std::regex names_a_space(R"(^\s*(inline\s+)?namespace\b|^\s*extern\b)");
    static const std::regex declares_a_type(
        R"(\b(class|struct|union|enum|enum class)\s+(\w+)\s*(final\s*)?(:[^:][^]*)?$)");
    std::smatch match;
    if (in_namespace() && std::regex_search(statement_, match, declares_a_type)) {
      types_.insert(match[2]);
    }
    scopes_.push_back(std::regex_search(statement_, names_a_space));
  }

  void find_alias() {
    static const std::regex alias(R"(\busing\s+(\w+)\s*=)");
    std::smatch match;
    if (in_namespace() && std::regex_search(statement_, match, alias)) types_.insert(match[1]);
  }

  std::string statement_;     // What has come since the last one ended.
  std::vector<bool> scopes_;  // From the outermost in: whether each is a namespace.
  std::set<std::string> types_;
};

}  // namespace

TEST_CASE("A folder includes what ARCHITECTURE.md allows it, and all of that", "[structure]") {
  Folders stated = stated_folders();
  auto found = found_folders();
  for (const auto& [folder, included] : found) {
    if (!stated.contains(folder)) FAIL_CHECK("ARCHITECTURE.md has no row for " << folder);
    for (const auto& [other, where] : included) {
      if (stated[folder].contains(other)) continue;
      FAIL_CHECK(where << ", but ARCHITECTURE.md does not let " << folder << " know " << other);
    }
  }
  for (const auto& [folder, allowed] : stated) {
    if (!found.contains(folder)) FAIL_CHECK("no code is in ARCHITECTURE.md's folder " << folder);
    for (const std::string& other : allowed) {
      if (found[folder].contains(other)) continue;
      FAIL_CHECK("ARCHITECTURE.md lets " << folder << " know " << other << ", which it does not");
    }
  }
}

TEST_CASE("No folder knows itself through others", "[structure]") {
  Folders folders = stated_folders();
  // Takes away folders that know none of those left, until there is none such.
  const auto lowest = [&] {
    return std::find_if(folders.begin(), folders.end(), [&](const auto& row) {
      return std::none_of(row.second.begin(), row.second.end(),
                          [&](const std::string& other) { return folders.contains(other); });
    });
  };
  for (auto at = lowest(); at != folders.end(); at = lowest()) folders.erase(at);
  for (const auto& [folder, allowed] : folders) {
    FAIL_CHECK(folder << " stands in or above a circle of folders");
  }
}

TEST_CASE("A name stands for one type in all headers", "[structure]") {
  std::map<std::string, std::string> header_of;
  for (const fs::path& file : code_files()) {
    if (file.extension() != ".hpp") continue;
    for (const std::string& type : TypeFinder(bare_code(read_text(file))).types()) {
      const auto [first, fresh] = header_of.emplace(type, file.string());
      if (fresh) continue;
      FAIL_CHECK(type << " is declared in " << first->second << " and in " << file.string());
    }
  }
}

TEST_CASE("The finder of types sees what is declared at namespace scope alone", "[structure]") {
  const char* header = R"(
#pragma once
    namespace music { // struct Commented {};
    class Forward;
    template <class T> class Made final : public Base<T> { struct Nested {}; using Own = int; };
    enum class Kind : int { kOne };
    struct Plain { int x = 0; };
    inline const char* text() { struct Local {}; return "struct Quoted {"; }
    inline char brace() { return '{'; }
    using Ticks = Quantity<struct Tag, int>;
    using other::Borrowed;
    template <> struct hash<Plain> { int y; };
    }  // namespace music
    namespace { struct Hidden {}; }
  )";
  CHECK(TypeFinder(bare_code(header)).types() ==
        std::set<std::string>{"Hidden", "Kind", "Made", "Plain", "Ticks"});
}

TEST_CASE("A folder of code can be taken in at a glance", "[structure]") {
  std::map<std::string, int> files;
  for (const fs::path& file : code_files()) ++files[folder_of(file)];
  for (const auto& [folder, count] : files) {
    if (count <= kMostFiles) continue;
    FAIL_CHECK(folder << " holds " << count << " files of code: it wants rooms of its own");
  }
}
