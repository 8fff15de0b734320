#include "src/music/latent_way.hpp"

#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;

namespace {

MusicVae model_with(const std::string& posterior, const std::string& prior) {
  auto options = test::small_options("pianoroll");
  options.model.family = "mlp";
  options.model.posterior = posterior;
  options.model.prior = prior;
  options.model.latent = 6;
  options.model.categories = 2;
  return MusicVae(test::small_model(options));
}

}  // namespace

TEST_CASE("The way between codes is the prior's", "[src][zoo]") {
  const Latent a = {1, 0, 0, 1, 1, 0}, b = {0, 1, 0, 1, 0, 1};
  const auto normal = model_with("gaussian", "normal");
  CHECK(latent_between(normal, a, b, 0.3) == slerp(a, b, 0.3));
  const auto mixture = model_with("gaussian", "mixture");
  CHECK(latent_between(mixture, a, b, 0.5) == Latent{0.5, 0.5, 0, 1, 0.5, 0.5});
  CHECK(latent_between(mixture, a, b, 0) == a);
  CHECK(latent_between(mixture, a, b, 1) == b);
}

TEST_CASE("Between categories those that differ are exchanged one after the other", "[src][zoo]") {
  const Latent a = {1, 0, 0, 1, 1, 0}, b = {0, 1, 0, 1, 0, 1};
  const auto model = model_with("categorical", "auto");
  CHECK(latent_between(model, a, b, 0) == a);
  CHECK(latent_between(model, a, b, 0.5) == Latent{0, 1, 0, 1, 1, 0});
  CHECK(latent_between(model, a, b, 1) == b);
}

TEST_CASE("Where bars have latents the way hastens through its ends, evenly on both sides",
          "[src][interpolation]") {
  const MusicVae bars(test::small_model(test::small_conductor_options()));
  double before = even_pace(bars, 0);
  CHECK(before == 0);
  CHECK(even_pace(bars, 0.5) == 0.5);
  for (int i = 1; i <= 20; ++i) {
    const double x = i / 20.0, here = even_pace(bars, x);
    CHECK(here > before);
    CHECK(here == Approx(1 - even_pace(bars, 1 - x)));
    before = here;
  }
  CHECK(before == 1);
  CHECK(even_pace(bars, 0.1) > 0.2);
  CHECK(even_pace(model_with("gaussian", "normal"), 0.1) == 0.1);
}
