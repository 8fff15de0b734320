#include "models/files/safetensors.hpp"
#include "src/base/error.hpp"
#include "src/music/generation.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae;

namespace {

/// Saves a small model, changes its file, and loads that.
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

TEST_CASE("A model that is nowhere is an error that names it", "[src][model]") {
  CHECK_THROWS_WITH(load_model("no-such-model"), Catch::Contains("no-such-model"));
}
