#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/music/music_model.hpp"

/// From music to the latent space and back.
namespace musicvae {

struct GenerationOptions {
  double temperature = 1.0;  ///< 0 takes the likeliest row each time.
  std::uint64_t seed = 1;
};

/// `music` cut into passages of `bars` bars; the last may be shorter.
std::vector<datasets::Passage> split_passages(const datasets::Passage& music, int bars);
/// The inverse.
datasets::Passage join_passages(std::span<const datasets::Passage> passages);

/// The bars of `passage` without their notes: what generate() fills.
datasets::Passage layout_of(const datasets::Passage& passage);
/// `bars` empty bars of one meter. Throws Error where the codec's grid or rows cannot hold it.
datasets::Passage make_layout(const datasets::Codec& codec, const midi::Meter& meter, int bars);

/// Posterior means [B, Z] of passages of at most model.bars() bars; what the codec could not say is
/// added to `dropped`.
torch::Tensor encode_means(const MusicModel& model, std::span<const datasets::Passage> passages,
                           datasets::Dropped* dropped = nullptr);

/// One passage for each row of z [B, Z], in the bars of `layouts` (B of them).
std::vector<datasets::Passage> generate(const MusicModel& model, const torch::Tensor& z_BZ,
                                        std::span<const datasets::Passage> layouts,
                                        const GenerationOptions& options);

/// As above, in rows and all at once: one passage for each of `layouts`, whose rows are not looked
/// at. `first` songs came before these, with noise of their own.
models::GeneratedRows generate_rows(const MusicModel& model, const torch::Tensor& z_BZ,
                                    std::span<const std::vector<datasets::BarRows>> layouts,
                                    const GenerationOptions& options, std::uint64_t first = 0);

/// z [B, Z] from the prior N(0, I).
torch::Tensor sample_prior(const MusicModel& model, int count, std::uint64_t seed);

/// A generator for stream `stream` of `seed`: streams are independent of each other.
torch::Generator make_generator(std::uint64_t seed, std::uint64_t stream = 0);

}  // namespace musicvae
