#pragma once

#include <memory>

namespace musicvae {

/// The standard streams of a program, made safe while one lives. What is written to std::cout and
/// std::cerr passes printable(), so that names from files can play no tricks on a terminal. Where a
/// stream is closed, its number is kept from files that are opened later, whose contents would
/// otherwise be mixed with messages; using it fails.
class StandardStreams {
 public:
  StandardStreams();
  ~StandardStreams();
  StandardStreams(const StandardStreams&) = delete;
  StandardStreams& operator=(const StandardStreams&) = delete;

  /// Writes out what std::cout still holds. Throws Error where that, or anything before it, could
  /// not be written.
  static void finish();

 private:
  class Filter;
  std::unique_ptr<Filter> out_;
  std::unique_ptr<Filter> err_;
};

}  // namespace musicvae
