#pragma once

#include <stdexcept>

namespace musicvae {

/// Work that cannot be done with what was given; the base of every exception that the project
/// throws. what() says what is wrong, where, and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A command line that makes no sense; ends the program with kExitUsage.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// The user pressed Ctrl-C; what was done so far has been saved.
class Interrupted : public Error {
 public:
  using Error::Error;
};

enum ExitCode : int { kExitDone = 0, kExitFailed = 1, kExitUsage = 2, kExitInterrupted = 130 };

}  // namespace musicvae
