#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "tests/temporary_folder.hpp"

/// Runs the built program as a user does: through a shell.
namespace musicvae::test {

/// A temporary folder whose paths are text, to be put into command lines.
class Workspace {
 public:
  std::string operator/(const std::string& name) const { return (folder_ / name).string(); }

 private:
  TemporaryFolder folder_;
};

struct Outcome {
  int code = -1;  ///< Exit code; 128 + signal where one ended the program, as in a shell.
  std::string out;
  std::string err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

/// Runs a shell command line in which "musicvae" is the built program.
inline Outcome shell(const std::string& command) {
  const Workspace workspace;
  const std::string script = workspace / "script";
  std::ofstream(script) << "musicvae() { " MUSICVAE_PROGRAM " \"$@\"; }\n" << command << "\n";
  const int status = std::system(
      ("bash " + script + " >" + (workspace / "out") + " 2>" + (workspace / "err") + " </dev/null")
          .c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, read_text(workspace / "out"), read_text(workspace / "err")};
}

inline Outcome program(const std::string& arguments) { return shell("musicvae " + arguments); }

/// Put before a command line, it lets no file grow beyond 1 KiB; writing more fails.
inline const std::string kFillDisk = "trap '' XFSZ; ulimit -f 1; ";

/// Waits until the process $pid asks to be told of Ctrl-C, as long work does, and sends it one.
inline const std::string kInterruptPid =
    "for i in $(seq 600); do case $(sed -n 's/^SigCgt:.*\\(.\\)$/\\1/p' /proc/$pid/status) in "
    "[2367abef]) break;; esac; sleep 0.1; done\nkill -INT $pid; wait $pid\n";

/// Options of a tiny model, which trains in a moment.
inline const std::string kTinyModel =
    " --bars 2 --latent 8 --encoder-hidden 16 --conductor-hidden 16 --decoder-hidden 16"
    " --batch-size 8 --validate-every 5 --threads 1";

}  // namespace musicvae::test
