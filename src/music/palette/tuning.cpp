#include "src/music/palette/tuning.hpp"

#include <map>
#include <utility>
#include <vector>

#include "models/families/tuned.hpp"
#include "src/base/error.hpp"
#include "src/music/generation.hpp"
#include "src/music/music_model.hpp"
#include "src/music/passages.hpp"
#include "src/music/tuned_model_file.hpp"

namespace musicvae {
namespace {

using datasets::BarRows;
using datasets::Passage;

constexpr int kMostDimensions = 64;

/// How many bars of each meter there are, as training records tell it.
nlohmann::json bars_by_meter(std::span<const Passage> pieces) {
  std::map<std::string, int> counts;
  for (const Passage& piece : pieces) {
    for (const auto& bar : piece.bars) ++counts[describe(bar.meter)];
  }
  return counts;
}

/// The posterior of all bars or passages in which something sounds, one after the other.
models::Posterior posterior_of(const MusicModel& model, std::span<const Passage> pieces,
                               datasets::Dropped* dropped) {
  std::vector<torch::Tensor> mu, sigma;
  for (const Passage& piece : pieces) {
    for (const Passage& part : passages_for(model, piece)) {
      const std::vector<std::vector<BarRows>> rows{model.codec->encode(part, dropped)};
      const auto posterior = model.network->encode(make_batch(model, rows));
      const auto size = model.network->config().latent;
      const auto count = static_cast<std::int64_t>(latent_count(model, part.bars.size()));
      mu.push_back(posterior.mu_BZ.reshape({-1, size}).narrow(0, 0, count));
      sigma.push_back(posterior.sigma_BZ.reshape({-1, size}).narrow(0, 0, count));
    }
  }
  return {torch::cat(mu), torch::cat(sigma)};
}

}  // namespace

bool is_tuned(const MusicVae& model) {
  return std::dynamic_pointer_cast<models::Tuned>(model.model().network) != nullptr;
}

MusicVae tune(const MusicVae& base, std::span<const Passage> pieces, const TuningOptions& options,
              datasets::Dropped* dropped) {
  if (options.dimensions < 1 || options.dimensions > kMostDimensions) {
    throw Error("a tuned model has 1 to " + std::to_string(kMostDimensions) + " dimensions");
  }
  std::size_t notes = 0;
  for (const Passage& piece : pieces) notes += note_count(piece);
  if (notes == 0) throw Error("there are no notes to tune to");
  MusicModel model = base.model();
  if (is_tuned(base)) {
    throw Error("this model is tuned already; tune the one below it to all pieces together");
  }
  if (const auto& kind = model.network->config().posterior; kind != "gaussian") {
    throw Error("a model with the posterior '" + kind +
                "' cannot be tuned; one with 'gaussian' can");
  }
  models::Posterior posterior;
  {
    const torch::NoGradGuard no_grad;
    posterior = posterior_of(model, pieces, dropped);
  }
  const auto network = std::make_shared<models::Tuned>(
      model.network, options.dimensions, posterior.mu_BZ.size(0), make_generator(options.seed));
  network->to(model.device);
  network->learn(posterior, options.steps, make_generator(options.seed, 1));
  network->eval();
  model.network = network;
  model.training = {{"pieces", pieces.size()},
                    {"bars", posterior.mu_BZ.size(0)},
                    {"steps", options.steps},
                    {"data", {{"bars_by_meter", bars_by_meter(pieces)}}}};
  return MusicVae(std::move(model));
}

void save_tuned(const MusicVae& tuned, const std::string& base, const std::filesystem::path& path) {
  // A name stays one, so that the file can be moved to another machine.
  const bool is_path = std::filesystem::exists(base);
  save_tuned_model(tuned.model(), is_path ? std::filesystem::absolute(base).string() : base, path);
}

}  // namespace musicvae
