#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>

#include <nlohmann/json.hpp>

/// Runs the built program as a user does: through a shell.
namespace musicvae::test {

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder of its own for each test, removed at the end.
class Workspace {
 public:
  Workspace() {
    std::string name = (std::filesystem::temp_directory_path() / "musicvae-e2e-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Workspace() { std::filesystem::remove_all(path_); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
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

/// Flags of a model that trains in moments.
inline const std::string kTinyModel =
    " --bars 2 --latent 8 --encoder-hidden 16 --conductor-hidden 16 --decoder-hidden 16"
    " --batch-size 8 --validate-every 5 --threads 1";

}  // namespace musicvae::test
