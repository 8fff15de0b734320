#pragma once

#include <string>

#include "src/base/interrupt.hpp"
#include "src/base/progress.hpp"
#include "src/commands/options/common.hpp"

/// Work that makes several pieces of music, one after the other.
namespace musicvae::commands {

/// The numbered files of a folder, such as "sample-001.mid".
class NumberedFiles {
 public:
  /// Makes the folder. Throws Error where it has such files already, which would be lost, or be
  /// taken for new ones, and where it takes no files.
  NumberedFiles(const std::string& folder, const std::string& prefix, int digits);

  /// The path of a file, counted from 0.
  std::string operator[](int index) const;

 private:
  std::string folder_, prefix_;
  int digits_;
};

/// Shows how many of so many pieces are made. While it lives, Ctrl-C sets a flag.
class MakingProgress {
 public:
  MakingProgress(const CommonOptions& common, int total, std::string noun);

  /// Tells that one more is made, and its file, where it has one, on standard output.
  void made(const std::string& file = {});
  /// Shows that such a share of all is done, and gives whether to go on.
  bool goes_on_at(double share);
  int count() const { return made_; }
  /// Whether more are to be made.
  bool goes_on() const { return made_ < total_ && !InterruptGuard::requested(); }
  /// Throws Interrupted, saying what is kept, unless all are made.
  void finish(const std::string& kept_in) const;

 private:
  void show(double made);

  InterruptGuard guard_;
  Progress progress_;
  int made_ = 0, total_;
  std::string noun_;
};

}  // namespace musicvae::commands
