#include "src/commands/making/made_files.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <utility>

#include "src/base/file.hpp"

namespace musicvae::commands {
namespace {

constexpr const char* kExtension = ".mid";

/// Whether `name` is `prefix`, a number and the extension.
bool is_numbered(const std::string& name, const std::string& prefix) {
  const std::size_t around = prefix.size() + std::string(kExtension).size();
  if (name.size() <= around || !name.starts_with(prefix) || !name.ends_with(kExtension)) {
    return false;
  }
  const auto number = name.begin() + static_cast<std::ptrdiff_t>(prefix.size());
  return std::all_of(number, number + static_cast<std::ptrdiff_t>(name.size() - around),
                     [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

}  // namespace

NumberedFiles::NumberedFiles(const std::string& folder, const std::string& prefix, int digits)
    : folder_(folder), prefix_(prefix), digits_(digits) {
  const std::filesystem::path made =
      std::filesystem::path(file_in_folder(folder, "")).parent_path();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(made, error)) {
    const std::string name = entry.path().filename().string();
    if (!is_numbered(name, prefix)) continue;
    throw Error(folder + " already holds " + name + "; name another folder, or empty this one");
  }
  check_writable((*this)[0]);
}

std::string NumberedFiles::operator[](int index) const {
  std::string number = std::to_string(index + 1);
  const auto width = std::max(number.size(), static_cast<std::size_t>(digits_));
  number.insert(0, width - number.size(), '0');
  return (std::filesystem::path(folder_) / (prefix_ + number + kExtension)).string();
}

MakingProgress::MakingProgress(const CommonOptions& common, int total, std::string noun)
    : progress_(common.verbosity()), total_(total), noun_(std::move(noun)) {}

void MakingProgress::made(const std::string& file) {
  ++made_;
  if (!file.empty() || !goes_on()) progress_.hide();
  if (!file.empty()) std::cout << file << std::endl;  // At once, for who waits in a pipe.
  if (goes_on()) show(made_);
}

bool MakingProgress::goes_on_at(double share) {
  show(total_ * std::min(share, 1.0));
  return goes_on();
}

void MakingProgress::show(double made) {
  progress_.update(made / total_,
                   std::to_string(made_) + " of " + std::to_string(total_) + " " + noun_);
}

void MakingProgress::finish(const std::string& kept_in) const {
  if (!InterruptGuard::requested()) return;
  throw Interrupted("interrupted; " + (made_ == 0 ? "none" : std::to_string(made_)) + " of " +
                    std::to_string(total_) + " " + noun_ +
                    (made_ == 0 ? " were made" : " are kept in " + kept_in));
}

}  // namespace musicvae::commands
