#include "src/studio/runs.hpp"

#include <fstream>

#include "src/studio/pieces.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae::studio;

TEST_CASE("A run tells its records, and later the new ones alone", "[studio]") {
  const musicvae::test::TemporaryFolder folder;
  const auto run = folder / "run";
  CHECK_FALSE(is_run(run));
  std::filesystem::create_directory(run);
  CHECK_FALSE(is_run(run));
  std::ofstream(run / "metrics.jsonl")
      << "{\"step\":1,\"loss\":2.5}\n{\"step\":2,\"loss\":2}\n{\"st";
  CHECK(is_run(run));
  const auto first = run_records(run, 0);
  CHECK(first.at("name") == "run");
  CHECK(first.at("records").size() == 2);
  CHECK(first.at("next") == 2);
  std::ofstream(run / "metrics.jsonl", std::ios::app) << "ep\":3}\n";
  const auto more = run_records(run, 2);
  CHECK(more.at("records").size() == 1);
  CHECK(more.at("records").at(0).at("step") == 3);
}

TEST_CASE("A run's samples are known by their steps, and nothing else is taken for one",
          "[studio]") {
  const musicvae::test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "samples");
  for (const char* name : {"step-000000500.mid", "step-000001000.mid", "step-x.mid", "notes.txt"}) {
    std::ofstream(folder / "samples" / name) << "x";
  }
  CHECK(run_records(folder.path(), 0).at("samples") == nlohmann::json({500, 1000}));
  CHECK(run_sample(folder.path(), 1000).filename() == "step-000001000.mid");
  CHECK_THROWS_AS(run_sample(folder.path(), 7), NotFound);
}
