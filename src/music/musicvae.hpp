#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "datasets/codecs/codec.hpp"
#include "datasets/grid/grid.hpp"
#include "datasets/splice/recasting.hpp"
#include "datasets/splice/splice.hpp"
#include "midi/file/reader.hpp"
#include "midi/file/writer.hpp"
#include "src/base/error.hpp"
#include "src/music/constraints/constraints.hpp"
#include "src/music/model_files.hpp"
#include "src/music/passages.hpp"
#include "src/music/source.hpp"
#include "src/music/version.hpp"

/// The library's face: load a model, and make music with it. Neither it nor what it includes needs
/// LibTorch's headers; src/library.hpp is all that others see. Everything throws musicvae::Error,
/// whose what() says what is wrong, where, and what to do.
namespace musicvae {

struct MusicModel;

/// A point of a model's latent space: what stands in a bar or, if the model's bars have no latents
/// of their own, in a passage. A plain value, to be kept, mixed and sent.
using Latent = std::vector<float>;

/// Spherical interpolation from a (t = 0) to b (t = 1) (Shoemake 1985; White 2016): the point turns
/// in the plane of both while its length goes linearly. It goes straight where they are (nearly)
/// parallel.
Latent slerp(const Latent& a, const Latent& b, double t);

struct GenerationOptions {
  double temperature =
      1.0;                 ///< Above 1 bolder, below 1 safer; 0 takes the likeliest row each time.
  std::uint64_t seed = 1;  ///< Same seed, same music.
  double latent_temperature = 1.0;  ///< That of latents which are drawn from the prior.
  Constraints constraints = {};     ///< What the music keeps to. Throw Error where it cannot.
};

/// For one of several batches of pieces made with `options`, which begins with piece `first`: the
/// first batch has the seed itself, and no two have the same.
GenerationOptions for_batch(GenerationOptions options, int first);

/// How pieces of different length meet.
enum class LengthRule {
  kRepeat,  ///< The shorter one is repeated to the length of the longer.
  kCut,     ///< The longer one is cut to the length of the shorter.
};

/// How latents are drawn from a model's prior.
struct PriorOptions {
  double temperature = 1.0;  ///< Below 1 the music is more like what the model has learnt, above 1
                             ///< stranger.
  std::uint64_t seed = 1;    ///< Same seed, same latents.
  Constraints constraints = {};  ///< What the music of the latents keeps to.
};

struct InterpolationOptions {
  int steps = 8;  ///< Both ends included.
  LengthRule length_rule = LengthRule::kRepeat;
  GenerationOptions generation{0.0};  ///< Sampling noise would hide the way.
  /// Where the steps are, each from 0 (A) to 1 (B), instead of `steps` at equal distances.
  std::vector<double> places = {};
};

struct InterpolationStep {
  double t = 0;  ///< 0 is the reconstruction of A, 1 that of B.
  datasets::Passage music;
};

/// Gets a step as soon as it is made. Gives false where no more are wanted.
using TakeStep = std::function<bool(InterpolationStep)>;

/// What is kept of the music in a gap, to guide what replaces it.
enum class Keep {
  kNothing,
  kRhythm,   ///< When notes start and end; pitches are new.
  kPitches,  ///< Each bar's pitches in their order; when they sound is new.
};

struct InpaintingOptions {
  GenerationOptions generation;
  int alternatives = 1;  ///< How many fills to make.
  int candidates = 8;    ///< Drawn for each fill; the one that the model finds likeliest together
                         ///< with the bars that follow (at the end, those before) is kept.
  Keep keep = Keep::kNothing;
  /// Told now and then which share of the work is done. Where it gives false, the work ends, and no
  /// fills are given.
  std::function<bool(double)> progress{};
};

/// A trained model with the codec that turns music into its rows. Copies share the network, which
/// works for one thread at a time.
class MusicVae {
 public:
  /// Reads a model file, or finds a model by name among model_directories(). `device` is "cpu",
  /// "cuda", or "auto": CUDA where it is at hand.
  explicit MusicVae(const std::string& path_or_name = kDefaultModel,
                    const std::string& device = "auto");
  /// Takes over a model that was made or trained in this program.
  explicit MusicVae(MusicModel model);

  /// How many bars the model was trained on at once. If its bars have latents of their own, music
  /// of any length is one passage; else longer music is cut into passages of so many bars.
  int bars() const;
  /// Whether each bar has a latent of its own. Else each passage has one.
  bool has_bar_latents() const;
  /// Bars that one latent stands for: 1, or bars().
  int bars_a_latent() const;
  /// Dimensions of a Latent.
  int latent_size() const;
  const datasets::Codec& codec() const;
  const std::string& family() const;
  /// "cpu" or "cuda".
  std::string device() const;
  std::int64_t parameter_count() const;
  /// A JSON object that tells how the model was trained.
  std::string training_record() const;
  /// The commonest meter of the training data; 4/4 where it is not on record.
  midi::Meter commonest_meter() const;
  /// How new music is best made. Where each bar has a latent, these are drawn a little plainer than
  /// what was learnt, and no noise is added to their rows.
  GenerationOptions sampling_options() const {
    return has_bar_latents() ? GenerationOptions{0, 1, 0.75} : GenerationOptions{0.9, 1, 1};
  }
  /// How fills are best drawn: of the eight candidates of a model with bar latents the likeliest
  /// are better where each is drawn a little plainer.
  double filling_temperature() const { return has_bar_latents() ? 0.6 : 1; }
  /// Whether inpaint() works.
  bool can_inpaint() const;

  /// The posterior means of `music`: one for each bar, or one for each passage. What the codec
  /// could not say is added to `dropped`.
  std::vector<Latent> encode(const datasets::Passage& music,
                             datasets::Dropped* dropped = nullptr) const;

  /// Music in the bars of `layout`, whose notes are not looked at, from a latent for each of its
  /// bars or passages.
  datasets::Passage decode(const std::vector<Latent>& latents, const datasets::Passage& layout,
                           const GenerationOptions& options = {}) const;

  /// The latents of a piece in the bars of `layout`, drawn from the prior. If bars have latents of
  /// their own, the piece may go on from `known`, the latents of its first bars; else there must be
  /// none.
  std::vector<Latent> draw_latents(const datasets::Passage& layout, const PriorOptions& options,
                                   const std::vector<Latent>& known = {}) const;

  /// `count` pieces from the prior, each in the bars of `layout`.
  std::vector<datasets::Passage> sample(int count, const datasets::Passage& layout,
                                        const GenerationOptions& options = {}) const;

  /// Music between `a` and `b`, latent by latent. Meters are A's in the first half of the way and
  /// B's in the second. What the codec could not say is added to `dropped`.
  std::vector<InterpolationStep> interpolate(const datasets::Passage& a, const datasets::Passage& b,
                                             const InterpolationOptions& options = {},
                                             datasets::Dropped* dropped = nullptr) const;
  /// As above, some steps at a time, from the first to the last.
  void interpolate(const datasets::Passage& a, const datasets::Passage& b,
                   const InterpolationOptions& options, datasets::Dropped* dropped,
                   const TakeStep& take) const;

  /// `music` with the bars `missing` (ascending indices, at least one) filled so that they belong
  /// to the others: one passage for each alternative. Known bars are as the codec says them; what
  /// it could not say of them is added to `dropped`.
  ///
  /// A gap longer than half the model's passage is filled part by part, each part seeing those
  /// before it. Throws Error where the model cannot inpaint, or `music` has no such bars.
  std::vector<datasets::Passage> inpaint(const datasets::Passage& music,
                                         const std::vector<int>& missing,
                                         const InpaintingOptions& options = {},
                                         datasets::Dropped* dropped = nullptr) const;

  /// The network and its codec, for the library's own use.
  const MusicModel& model() const { return *model_; }

 private:
  std::shared_ptr<const MusicModel> model_;
};

/// The score of a step of the way from `a` to `b`, which were interpolated as they are.
///
/// Parts, programs and keys are those of the piece that the step is nearer to (B in the middle),
/// and datasets::cast_parts() deals the notes to its parts. The tempo is mixed bar by bar from what
/// A and B have there, in quarters a minute. Both begin again where they are shorter.
midi::Score score_of_step(const InterpolationStep& step, const Source& a, const Source& b);

/// The steps one after the other. Each states its tempo, meter, key and programs at its start,
/// where a marker (meta event 6) in the first track says which it is. Notes that sound past its end
/// stop there. A part of A and one of B share a track if they have the same name and channel.
midi::Score join_steps(std::span<const InterpolationStep> steps, const Source& a, const Source& b);

/// Sets how many threads of this program models may use. 0, the initial value, is one for each core
/// that the program may use.
void set_generation_threads(int threads);

}  // namespace musicvae
