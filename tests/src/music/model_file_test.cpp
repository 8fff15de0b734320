#include "models/files/safetensors.hpp"
#include "src/base/error.hpp"
#include "src/music/generation.hpp"
#include "src/music/version.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae;

namespace {

/// Saves a small model, changes its file, and loads the changed file.
template <class Change>
void load_changed(Change change) {
  const test::TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  save_model(test::small_model(), path);
  auto tensors = models::read_safetensors(path);
  change(tensors);
  models::write_safetensors(tensors, path);
  load_model(path.string());
}

}  // namespace

TEST_CASE("A model read from its file makes the same music", "[src][model]") {
  for (const char* codec : {"notes", "melody", "pianoroll"}) {
    auto model = test::small_model(test::small_options(codec));
    model.training["step"] = 7;
    const test::TemporaryFolder folder;
    const auto path = folder / "model.safetensors";
    save_model(model, path);
    const auto loaded = load_model(path.string());
    CHECK(loaded.network->config() == model.network->config());
    CHECK(loaded.codec->name() == codec);
    CHECK(loaded.training == model.training);
    const auto layout = make_layout(*model.codec, {4, 4}, 2);
    CHECK(
        (MusicVae(model).sample(1, layout, {1, 2}) == MusicVae(loaded).sample(1, layout, {1, 2})));
  }
}

TEST_CASE("To change a loaded model does not change its file", "[src][model]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  save_model(test::small_model(), path);
  const auto changed = load_model(path.string());
  const torch::NoGradGuard no_grad;
  for (auto& parameter : changed.network->parameters()) parameter.add_(1);
  const auto kept = load_model(path.string()).network->parameters();
  const auto original = test::small_model().network->parameters();
  for (std::size_t i = 0; i < original.size(); ++i) CHECK(torch::equal(kept[i], original[i]));
}

TEST_CASE("A model file with a value that is not finite is refused", "[src][model]") {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    CHECK_THROWS_WITH(load_changed([&](models::TensorFile& file) {
                        auto& tensor = file.tensors.rbegin()->second;
                        tensor = tensor.clone();
                        tensor.view(-1)[-1] = value;
                      }),
                      Catch::Contains("holds values that are not finite"));
  }
}

TEST_CASE("A model file with a missing, foreign or misshapen tensor is refused", "[src][model]") {
  CHECK_THROWS_WITH(load_changed([](auto& file) { file.tensors.erase(file.tensors.begin()); }),
                    Catch::Contains("missing"));
  CHECK_THROWS_WITH(load_changed([](auto& file) { file.tensors["other"] = torch::zeros(3); }),
                    Catch::Contains("'other' is unknown"));
  CHECK_THROWS_WITH(load_changed([](auto& file) {
                      file.tensors.begin()->second = torch::zeros({1, 1, 1});
                    }),
                    Catch::Contains("shape"));
}

TEST_CASE("A model file without or with damaged metadata is refused", "[src][model]") {
  CHECK_THROWS_WITH(load_changed([](auto& file) { file.metadata.clear(); }),
                    Catch::Contains("not a musicvae model"));
  CHECK_THROWS_AS(load_changed([](auto& file) { file.metadata["config"] = "{"; }), Error);
  CHECK_THROWS_AS(load_changed([](auto& file) { file.metadata["codec"] = "opera"; }), Error);
  CHECK_THROWS_AS(load_changed([](auto& file) { file.metadata["codec"] = "melody"; }), Error);
}

TEST_CASE("A model file with settings from a later program is refused by the program's name",
          "[src][model]") {
  const auto load_newer = [](const std::string& program) {
    load_changed([&](auto& file) {
      CHECK(file.metadata["program"] == program_name());
      file.metadata["program"] = program;
      if (program.empty()) file.metadata.erase("program");
      auto config = nlohmann::json::parse(file.metadata["config"]);
      config["swing"] = 0.3;
      file.metadata["config"] = config.dump();
    });
  };
  CHECK_THROWS_WITH(load_newer("musicvae 99.1"),
                    Catch::Contains("swing") && Catch::Contains("musicvae 99.1"));
  CHECK_THROWS_WITH(load_newer(""),
                    Catch::Contains("swing") && Catch::Contains("an unknown version"));
}

TEST_CASE("A model in half precision is half as large and comes back to within its rounding",
          "[src][model]") {
  const test::TemporaryFolder folder;
  auto options = test::small_options();
  options.model.encoder.hidden = options.model.decoder.hidden = 128;
  const auto model = test::small_model(options);
  save_model(model, folder / "float.safetensors");
  save_model(model, folder / "half.safetensors", torch::kHalf);
  const auto size = [&](const char* name) {
    return static_cast<double>(std::filesystem::file_size(folder / name));
  };
  CHECK(size("half.safetensors") < 0.52 * size("float.safetensors"));
  const auto loaded = load_model((folder / "half.safetensors").string()).network->parameters();
  const auto original = model.network->parameters();
  for (std::size_t i = 0; i < original.size(); ++i) {
    CHECK(loaded[i].scalar_type() == torch::kFloat);
    CHECK(torch::equal(loaded[i], original[i].to(torch::kHalf).to(torch::kFloat)));
  }
}

TEST_CASE("A value that half precision cannot hold is refused, and no file is written",
          "[src][model]") {
  const test::TemporaryFolder folder;
  const auto model = test::small_model();
  const torch::NoGradGuard no_grad;
  model.network->parameters().front().view(-1)[0] = 1e5;
  CHECK_THROWS_WITH(save_model(model, folder / "half.safetensors", torch::kHalf),
                    Catch::Contains("too large"));
  CHECK_FALSE(std::filesystem::exists(folder / "half.safetensors"));
}

TEST_CASE("A model that is nowhere is an error that names it", "[src][model]") {
  CHECK_THROWS_WITH(load_model("no-such-model"), Catch::Contains("no-such-model"));
}
