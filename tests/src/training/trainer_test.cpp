#include "src/training/trainer.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <thread>

#include "midi/file/reader.hpp"
#include "src/base/error.hpp"
#include "src/music/tensor_names.hpp"
#include "src/training/batch_loader.hpp"
#include "tests/catch.hpp"
#include "tests/eventually.hpp"
#include "tests/src/small_model.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae;

namespace {

datasets::Corpus bundled_corpus(const std::filesystem::path& path,
                                const std::string& codec = "notes") {
  datasets::CorpusOptions options;
  options.codec = codec;
  options.hold_out = {"*bwv996*"};
  datasets::prepare_corpus({"datasets/bundled"}, options, path);
  return datasets::Corpus::open(path);
}

TrainingResult train_small(const TrainingOptions& options, const datasets::Corpus& corpus,
                           const RunFolder& folder, MusicModel* trained = nullptr) {
  MusicModel model = test::small_model(options);
  Progress progress(Verbosity::kQuiet);
  const auto result = train(model, corpus, options, folder, {}, progress);
  if (trained != nullptr) *trained = model;
  return result;
}

bool same_tensors(const MusicModel& a, const MusicModel& b) {
  const auto left = tensors_by_name(*a.network), right = tensors_by_name(*b.network);
  for (const auto& [name, tensor] : left) {
    if (!torch::equal(tensor, right.at(name))) return false;
  }
  return left.size() == right.size();
}

std::vector<nlohmann::json> metrics_of(const RunFolder& folder) {
  std::ifstream file(folder.metrics());
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("The shares of training batches have about as many rows as each other, and all of them",
          "[src][trainer][distributed]") {
  const test::TemporaryFolder folder;
  const auto corpus = bundled_corpus(folder / "corpus.mvc");
  const auto model = test::small_model();
  datasets::WindowOptions windows;
  windows.bars = 2;
  windows.batch_size = 32;
  BatchLoader whole(model, corpus, windows, {0, 32}, 0);
  BatchLoader first(model, corpus, windows, {0, 16}, 0),
      second(model, corpus, windows, {16, 16}, 0);
  for (int batch = 0; batch < 5; ++batch) {
    const auto lengths_BU = whole.next().lengths_BU;
    const auto first_BU = first.next().lengths_BU, second_BU = second.next().lengths_BU;
    CHECK(torch::equal(torch::cat({first_BU, second_BU}), lengths_BU));
    const auto difference = (first_BU.sum() - second_BU.sum()).item<std::int64_t>();
    CAPTURE(batch, difference);
    CHECK(4 * std::abs(difference) <= lengths_BU.sum(1).max().item<std::int64_t>());
  }
}

TEST_CASE("A run resumed half way equals one that was never stopped, to the bit",
          "[src][trainer]") {
  std::vector<TrainingOptions> all{test::small_options()};
  for (const char* learn : {"bars", "prior", "both"}) {
    all.push_back(test::small_conductor_options());
    all.back().learn = learn;
  }
  for (const TrainingOptions& options : all) {
    INFO(options.learn << " of " << options.model.family);
    const test::TemporaryFolder folder;
    const auto corpus = bundled_corpus(folder / "corpus.mvc", options.codec);
    const RunFolder whole(folder / "whole"), halves(folder / "halves");
    std::filesystem::create_directory(whole.path());
    std::filesystem::create_directory(halves.path());
    MusicModel at_once, resumed;
    train_small(options, corpus, whole, &at_once);
    auto half = options;
    half.steps = 3;
    train_small(half, corpus, halves);
    const auto result = train_small(options, corpus, halves, &resumed);
    CHECK(result.state.step == 6);
    CHECK(same_tensors(at_once, resumed));
    CHECK(result.state.best_validation_loss ==
          train_small(options, corpus, whole).state.best_validation_loss);
  }
}

TEST_CASE("Training lowers the loss and keeps the best model by validation", "[src][trainer]") {
  const test::TemporaryFolder folder;
  const auto corpus = bundled_corpus(folder / "corpus.mvc", "melody");
  auto options = test::small_options("melody");
  options.steps = 60;
  options.validate_every = 20;
  options.learning_rate = 1e-2;
  const RunFolder run(folder / "run");
  std::filesystem::create_directory(run.path());
  const auto result = train_small(options, corpus, run);
  std::vector<double> losses, validations;
  for (const auto& line : metrics_of(run)) {
    if (line.contains("loss")) losses.push_back(line["loss"]);
    if (line.contains("validation")) validations.push_back(line["validation"]["loss"]);
  }
  REQUIRE(losses.size() == 4);  // At steps 10, 20, 40 and 60.
  CHECK(losses.back() < losses.front());
  CHECK(result.state.best_validation_loss ==
        Approx(*std::min_element(validations.begin(), validations.end())));
  CHECK(load_model(run.model().string()).training["step"] == result.state.best_step);
  // What it makes up at each validation is kept.
  CHECK(test::entries(run.samples()) == 3);
  CHECK_NOTHROW(midi::read_midi_file(run.samples() / "step-000000060.mid"));
}

TEST_CASE("Early stopping ends a run that no longer gets better", "[src][trainer]") {
  const test::TemporaryFolder folder;
  const auto corpus = bundled_corpus(folder / "corpus.mvc");
  auto options = test::small_options();
  options.learning_rate = 1e-9;  // nothing improves but by chance
  options.min_learning_rate = 0;
  options.learning_rate_decay = 0.1;
  options.steps = 1000;
  options.validate_every = 1;
  options.patience = 2;
  const RunFolder run(folder / "run");
  std::filesystem::create_directory(run.path());
  const auto result = train_small(options, corpus, run);
  CHECK(result.reason == StopReason::kPatience);
  CHECK(result.state.step < 1000);
}

TEST_CASE("A loss that is no number stops the run and keeps the last good state",
          "[src][trainer]") {
  const test::TemporaryFolder folder;
  const auto corpus = bundled_corpus(folder / "corpus.mvc");
  const auto options = test::small_options();
  const RunFolder run(folder / "run");
  std::filesystem::create_directory(run.path());
  MusicModel model = test::small_model(options);
  Progress progress(Verbosity::kQuiet);
  auto half = options;
  half.steps = 3;
  train(model, corpus, half, run, {}, progress);
  auto bad = options;
  bad.beta = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(train(model, corpus, bad, run, {}, progress),
                    Catch::Contains("stopped being a number"));
  Adam optimizer(*model.network);
  CHECK(run.load_state(model, optimizer).step == 3);
  CHECK(load_model(run.model().string()).training["step"] == 3);
}

TEST_CASE("A run whose folder takes no more files is kept elsewhere, to go on from there",
          "[src][trainer]") {
  const test::TemporaryFolder folder;
  const auto corpus = bundled_corpus(folder / "corpus.mvc");
  auto options = test::small_options();
  options.steps = 1'000'000;
  const RunFolder run(folder / "run");
  std::filesystem::create_directory(run.path());
  run.save_config(options, {folder / "corpus.mvc", corpus.content()});
  std::thread blocker([&] {
    test::eventually([&] { return std::filesystem::exists(run.model()); });
    std::filesystem::create_directories(run.state() / "in the way");
    test::eventually([&] {
      std::error_code error;
      std::filesystem::remove(run.metrics(), error);
      std::filesystem::create_directory(run.metrics(), error);
      return !error;
    });
  });
  std::string said;
  try {
    train_small(options, corpus, run);
  } catch (const Error& error) {
    said = error.what();
  }
  blocker.join();
  CHECK_THAT(said, Catch::Contains("metrics.jsonl"));
  const std::string marker = "--resume ";
  REQUIRE_THAT(said, Catch::Contains(marker));
  const RunFolder kept(said.substr(said.find(marker) + marker.size()));
  CHECK(kept.path() != run.path());
  MusicModel model = test::small_model(options);
  Adam optimizer(*model.network);
  options = kept.load_config();
  options.steps = kept.load_state(model, optimizer).step + 1;
  CHECK(train_small(options, corpus, kept).state.step == options.steps);
  std::filesystem::remove_all(kept.path());
}

TEST_CASE("A run whose time is up before its first validation leaves a model", "[src][trainer]") {
  const test::TemporaryFolder folder;
  const auto corpus = bundled_corpus(folder / "corpus.mvc");
  const auto options = test::small_options();
  const RunFolder run(folder / "run");
  std::filesystem::create_directory(run.path());
  MusicModel model = test::small_model(options);
  Progress progress(Verbosity::kQuiet);
  TrainerLimits limits;
  limits.minutes = 1e-9;
  CHECK(train(model, corpus, options, run, limits, progress).reason == StopReason::kMinutes);
  CHECK(load_model(run.model().string()).training["step"] == 0);
}
