// Tests of the choices of family, posterior, prior and objective, as a user meets them.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae::test;
using Catch::Contains;

namespace {

/// A tiny `mlp` on the pieces in the box.
const std::string kTiny =
    " --preset mlp-2bar-small --latent 8 --encoder-hidden 16 --decoder-hidden 16 --components 3"
    " --categories 4 --importance-samples 2 --batch-size 8 --validate-every 4 --threads 1";

Outcome train(const std::string& run, const std::string& more) {
  return program("train datasets/bundled -q --hold-out '*bwv996*' -o " + run + kTiny + " " + more);
}

std::string model_of(const std::string& run) { return " -q -m " + run + "/model.safetensors"; }

/// What a file of tensors holds, without its header, which holds the time taken.
std::string tensors_of(const std::string& path) {
  const auto file = read_text(path);
  std::uint64_t header = 0;
  std::memcpy(&header, file.data(), sizeof header);
  return file.substr(sizeof header + header);
}

}  // namespace

TEST_CASE("Every choice trains, goes on exactly, is measured and makes music", "[e2e][zoo]") {
  for (const std::string choice :
       {"--posterior planar", "--posterior coupling --prior vamp", "--posterior categorical",
        "--prior mixture", "--objective iwae --doubly-reparameterised true", "--objective mmd",
        "--objective sparse --sparsity kl", "--objective contractive", "--objective denoising"}) {
    INFO(choice);
    const Workspace work;
    REQUIRE(train(work / "whole", choice + " --steps 8").code == 0);
    REQUIRE(train(work / "parts", choice + " --steps 4").code == 0);
    REQUIRE(program("train -q --threads 1 --steps 8 --resume " + (work / "parts")).code == 0);
    CHECK(tensors_of(work / "whole/state.safetensors") ==
          tensors_of(work / "parts/state.safetensors"));
    const auto model = model_of(work / "whole");
    const auto figures =
        program("evaluate datasets/bundled --json --bound-samples 2 --samples 2 --bars 2" + model);
    REQUIRE(figures.code == 0);
    const bool draws = choice.find("sparse") == std::string::npos &&
                       choice.find("contractive") == std::string::npos &&
                       choice.find("denoising") == std::string::npos;
    CHECK(figures.json()["elbo_bits"].is_number() == draws);
    CHECK(figures.json()["iwae_bits"].is_number() == draws);
    CHECK(figures.json()["mutual_information_bits"].is_number() ==
          (draws && choice.find("planar") == std::string::npos));
    CHECK(program("sample -n 2 -o " + (work / "made") + model).code == 0);
    CHECK(program("reconstruct datasets/bundled/petzold-minuet-anh114.mid -o " + (work / "r.mid") +
                  model)
              .code == 0);
  }
}

TEST_CASE("pca is fitted in one pass, and its run is one like any other", "[e2e][zoo]") {
  const Workspace work;
  const auto run = work / "pca";
  const auto trained = train(run, "--family pca --json");
  REQUIRE(trained.code == 0);
  CHECK(trained.json()["step"] == 0);
  CHECK(trained.json()["stopped"] == "fitted in one pass");
  const auto before = tensors_of(run + "/model.safetensors");
  CHECK(program("train -q --threads 1 --resume " + run).code == 0);
  CHECK(tensors_of(run + "/model.safetensors") == before);
  const auto figures = program("evaluate datasets/bundled --json" + model_of(run));
  CHECK(figures.json()["elbo_bits"].is_null());
  CHECK(figures.json()["note_f1_onset_pitch"] > 0.01);
  CHECK(program("sample -n 1 -o " + (work / "made") + model_of(run)).code == 0);
}

TEST_CASE("What does not go together is an error of usage, in a sentence", "[e2e][zoo]") {
  const Workspace work;
  const auto refused = [&](const std::string& choice, const std::string& word) {
    const auto outcome = train(work / "run", choice);
    INFO(choice);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, Contains(word));
  };
  refused("--posterior categorical --prior normal", "--prior uniform");
  refused("--posterior planar --prior vamp", "'planar'");
  refused("--family conductor --prior mixture", "'conductor'");
  refused("--family flat --objective contractive", "Jacobian");
  refused("--codec notes", "--codec pianoroll");
  refused("--prior nonsense", "nonsense");
  refused("--doubly-reparameterised true", "'iwae'");
  refused("--beta-cycle 10", "beta_rate");
}

TEST_CASE("Interpolation and sampling say what they mean where the prior is not N(0, I)",
          "[e2e][zoo]") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> choices = {
      {"--posterior categorical", {"one category after the other", "all alike likely"}},
      {"--prior mixture", {"no standard-normal coordinates", "3 Gaussians"}},
      {"--prior vamp", {"straight", "3 learned passages"}},
      {"--objective ae", {"straight", "fitted to the codes"}},
      {"--posterior coupling", {"sphere", "N(0, I)"}}};
  for (const auto& [choice, words] : choices) {
    INFO(choice);
    const Workspace work;
    REQUIRE(train(work / "run", choice + " --steps 2").code == 0);
    const auto way = program(
        "interpolate datasets/bundled/petzold-minuet-anh114.mid datasets/bundled/folia.mid" +
        std::string(" --bars 4 --json -o ") + (work / "w.mid") + model_of(work / "run"));
    CHECK_THAT(way.json()["way"].get<std::string>(), Contains(words[0]));
    const auto made = program("sample -n 1 --json -o " + (work / "made") + model_of(work / "run"));
    CHECK_THAT(made.json()["drawn"].get<std::string>(), Contains(words[1]));
  }
}

TEST_CASE("evaluate shows what each component of a mixture holds, and writes codes", "[e2e][zoo]") {
  const Workspace work;
  REQUIRE(train(work / "run", "--prior mixture --steps 8").code == 0);
  const auto outcome = program("evaluate datasets/bundled --json --bound-samples 0 --latents " +
                               (work / "z.tsv") + model_of(work / "run"));
  REQUIRE(outcome.code == 0);
  const auto figures = outcome.json();
  CHECK(figures["iwae_bits"].is_null());
  REQUIRE(figures["components"].size() == 3);
  double share = 0, use = 0;
  for (const auto& component : figures["components"]) {
    share += component["share"].get<double>();
    use += component["use"].get<double>();
  }
  CHECK(share == Approx(1));
  CHECK(use == Approx(1));
  CHECK_THAT(figures["components"][0]["pieces"][0].get<std::string>(), Contains(".mid"));
  const auto table = read_text(work / "z.tsv");
  const auto lines = std::count(table.begin(), table.end(), '\n');
  CHECK(lines == figures["passages"].get<int>() + 1);
  const auto text = program("evaluate datasets/bundled --bound-samples 0" + model_of(work / "run"));
  CHECK_THAT(text.out, Contains("component 0: share"));
  CHECK(program("evaluate datasets/bundled -q --latents " + (work / "z.tsv")).code == 2);
}
