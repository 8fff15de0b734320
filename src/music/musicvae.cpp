#include "src/music/musicvae.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>

#include <ATen/Parallel.h>

#include "models/kernels/threads.hpp"
#include "src/base/error.hpp"
#include "src/base/random.hpp"
#include "src/music/device.hpp"
#include "src/music/generation.hpp"

namespace musicvae {

using datasets::Passage;

MusicVae::MusicVae(const std::string& path_or_name, const std::string& device)
    : MusicVae(load_model(path_or_name, pick_device(device))) {}

MusicVae::MusicVae(MusicModel model)
    : model_(std::make_shared<const MusicModel>(std::move(model))) {}

int MusicVae::bars() const { return model_->bars(); }

bool MusicVae::has_bar_latents() const { return model_->network->has_bar_latents(); }

int MusicVae::bars_a_latent() const { return has_bar_latents() ? 1 : bars(); }

int MusicVae::latent_size() const { return model_->network->config().latent; }

const datasets::Codec& MusicVae::codec() const { return *model_->codec; }

const std::string& MusicVae::family() const { return model_->network->config().family; }

std::string MusicVae::device() const { return model_->device.str(); }

std::int64_t MusicVae::parameter_count() const {
  std::int64_t count = 0;
  for (const auto& parameter : model_->network->parameters()) count += parameter.numel();
  return count;
}

std::string MusicVae::training_record() const { return model_->training.dump(); }

midi::Meter MusicVae::commonest_meter() const {
  const auto data = model_->training.value("data", nlohmann::json::object());
  const auto meters = data.value("bars_by_meter", std::map<std::string, int>{});
  const auto most = std::max_element(meters.begin(), meters.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  return most == meters.end() ? midi::Meter{} : meter_from(most->first).value_or(midi::Meter{});
}

bool MusicVae::can_inpaint() const { return model_->network->inpaints(); }

std::vector<Latent> MusicVae::encode(const Passage& music, datasets::Dropped* dropped) const {
  return encode_means(*model_, passages_for(*model_, music), dropped);
}

Passage MusicVae::decode(const std::vector<Latent>& latents, const Passage& layout,
                         const GenerationOptions& options) const {
  return join_passages(generate(*model_, latents, passages_for(*model_, layout), options));
}

std::vector<Latent> MusicVae::draw_latents(const Passage& layout, const PriorOptions& options,
                                           const std::vector<Latent>& known) const {
  if (!known.empty() && !has_bar_latents()) {
    throw Error("a model of family '" + family() + "' cannot go on from known latents");
  }
  if (known.size() > layout.bars.size()) {
    throw Error(std::to_string(known.size()) + " known bars do not fit a piece of " +
                std::to_string(layout.bars.size()));
  }
  return draw_from_prior(*model_, passages_for(*model_, layout), options, known);
}

std::vector<Passage> MusicVae::sample(int count, const Passage& layout,
                                      const GenerationOptions& given) const {
  GenerationOptions options = given;
  options.constraints = given.constraints.of_pieces(layout.bars.size());
  const auto piece = passages_for(*model_, layout);
  std::vector<Passage> layouts;
  for (int i = 0; i < count; ++i) layouts.insert(layouts.end(), piece.begin(), piece.end());
  const auto latents = draw_from_prior(
      *model_, layouts, {options.latent_temperature, options.seed, options.constraints});
  const auto passages = generate(*model_, latents, layouts, options);
  std::vector<Passage> pieces;
  for (std::size_t first = 0; first < passages.size(); first += piece.size()) {
    pieces.push_back(join_passages(std::span(passages).subspan(first, piece.size())));
  }
  return pieces;
}

GenerationOptions for_batch(GenerationOptions options, int first) {
  if (first > 0) options.seed = SplitMix64(options.seed ^ std::uint64_t(first) << 32).next();
  return options;
}

void set_generation_threads(int threads) {
  models::set_thread_count(threads);
  // LibTorch's operators have little to do here. They never take more threads than the kernels, and
  // no threads are started for them.
  if (at::get_num_threads() > models::thread_count()) at::set_num_threads(models::thread_count());
}

}  // namespace musicvae
