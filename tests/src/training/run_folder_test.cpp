#include "src/training/run_folder.hpp"

#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "models/files/safetensors.hpp"
#include "src/base/error.hpp"
#include "src/music/version.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae;
using Catch::Contains;

namespace {

/// The options of a run whose config.json was changed by `change`.
template <class Change>
TrainingOptions load_changed(Change change) {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run");
  std::filesystem::create_directory(run.path());
  run.save_config(test::small_options(), {run.corpus(), 7});
  auto json = nlohmann::json::parse(test::read_text(run.config()));
  change(json);
  std::ofstream(run.config()) << json;
  return run.load_config();
}

}  // namespace

TEST_CASE("A folder that holds a run is not overwritten", "[src][run]") {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run");
  {
    const auto hold = RunHold::begin(run);
    std::ofstream(run.state()) << "what was learned";
  }
  CHECK_THROWS_WITH(RunHold::begin(run), Contains("already holds a training run"));
  CHECK(std::filesystem::exists(run.state()));
}

TEST_CASE("A run that learned nothing leaves nothing, and bars no other", "[src][run]") {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run");
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto hold = RunHold::begin(run);
    run.save_config(test::small_options(), {run.corpus(), 7});
  }
  CHECK(test::entries(folder.path()) == 0);
}

TEST_CASE("What a killed process left of a run that learned nothing is no bar either",
          "[src][run]") {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run");
  std::filesystem::create_directory(run.path());
  run.save_config(test::small_options(), {run.corpus(), 7});
  CHECK_NOTHROW(RunHold::begin(run));
}

TEST_CASE("A config.json that is no run's is not overwritten", "[src][run]") {
  const test::TemporaryFolder folder;
  const RunFolder run(folder.path());
  std::ofstream(run.config()) << R"({"colour": "blue"})";
  CHECK_THROWS_WITH(RunHold::begin(run), Contains("config.json"));
  CHECK(test::read_text(run.config()) == R"({"colour": "blue"})");
}

TEST_CASE("A run in use is refused to other processes, and the message names the holder",
          "[src][run]") {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run");
  const auto hold = RunHold::begin(run);
  run.save_config(test::small_options(), {run.corpus(), 7});
  const auto refused = [&](auto take) {
    const auto expected = "in use by process " + std::to_string(::getpid());
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        const auto other = take(run);
        ::_exit(1);
      } catch (const Error& error) {
        ::_exit(std::string(error.what()).find(expected) == std::string::npos ? 2 : 0);
      }
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status == 0;
  };
  CHECK(refused(RunHold::begin));
  CHECK(refused(RunHold::resume));
}

TEST_CASE("A moved run looks for its corpus beside it first", "[src][run]") {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run"), moved(folder / "elsewhere");
  std::filesystem::create_directory(run.path());
  run.save_config(test::small_options(), {folder / "music/corpus.mvc", 7});
  std::filesystem::rename(run.path(), moved.path());
  const auto corpora = moved.load_corpora();
  REQUIRE(corpora.size() == 2);
  CHECK(corpora[0].path.lexically_normal() == folder / "music/corpus.mvc");
  CHECK(corpora[1].path == folder / "music/corpus.mvc");
  CHECK(corpora[0].content == 7);
}

TEST_CASE("A run's settings come back from its folder", "[src][run]") {
  const auto loaded = load_changed([](auto&) {});
  CHECK(to_json(loaded) == to_json(test::small_options()));
}

TEST_CASE("A run from before there were gaps, hidden rows and mixed precision goes on without",
          "[src][run]") {
  const auto old = load_changed([](auto& json) {
    json.erase("program");
    for (const char* key : {"row_dropout", "gap_share", "whole_steps", "mixed_precision"}) {
      json["options"].erase(key);
    }
  });
  CHECK(old.row_dropout == 0);
  CHECK(old.gap_share == 0);
  CHECK(old.whole_steps == 0);
  CHECK_FALSE(old.mixed_precision);
}

TEST_CASE("A run with settings from a later program is refused by the program's name",
          "[src][run]") {
  const auto load_newer = [](bool named) {
    load_changed([named](auto& json) {
      CHECK(json["program"] == program_name());
      json["program"] = "musicvae 99.1";
      if (!named) json.erase("program");
      json["options"]["swing"] = 0.3;
    });
  };
  CHECK_THROWS_WITH(load_newer(true), Contains("swing") && Contains("musicvae 99.1"));
  CHECK_THROWS_WITH(load_newer(false), Contains("swing") && Contains("an unknown version"));
}

TEST_CASE("A damaged config is an error that names the file", "[src][run]") {
  CHECK_THROWS_WITH(load_changed([](auto& json) { json = 3; }), Contains("config.json"));
  CHECK_THROWS_WITH(load_changed([](auto& json) { json["options"]["beta"] = -1; }),
                    Contains("config.json") && Contains("beta"));
}

TEST_CASE("A damaged training state is an error that names the file", "[src][run]") {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run");
  std::filesystem::create_directory(run.path());
  MusicModel model = test::small_model();
  Adam optimizer(*model.network);
  std::ofstream(run.state()) << "not tensors";
  CHECK_THROWS_WITH(run.load_state(model, optimizer), Contains("state.safetensors"));
  for (const char* key : {"musicvae_state_version", "optimizer_steps", "state"}) {
    for (const char* value : {"", "{\"step\":"}) {
      run.save_state(model, optimizer, {});
      auto file = models::read_safetensors(run.state());
      for (auto& [name, tensor] : file.tensors) tensor = tensor.clone();
      file.metadata.erase(key);
      if (*value != 0) file.metadata[key] = value;
      models::write_safetensors(file, run.state());
      CHECK_THROWS_WITH(run.load_state(model, optimizer), Contains("state.safetensors"));
      CHECK_THROWS_AS(run.load_state(model, optimizer), Error);
    }
  }
}
