#include "src/music/filling/inpainting.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include <torch/utils.h>

#include "datasets/tensors/tensors.hpp"
#include "models/objective/elbo.hpp"
#include "src/base/error.hpp"
#include "src/music/constraints/grammar_constraint.hpp"
#include "src/music/generation.hpp"
#include "src/music/music_model.hpp"

namespace musicvae {
namespace {

using datasets::BarRows;
using datasets::Passage;
using Rows = std::vector<BarRows>;

/// How many bars beside a gap its candidates are judged by.
constexpr int kJudgedBars = 4;

// Streams of a seed's generator. Added to each are the window's first bar and, 2^24 times, how many
// candidates were drawn before.
constexpr std::uint64_t kPosteriorNoise = 3ULL << 40;
constexpr std::uint64_t kFillNoise = 4ULL << 40;

/// A run of missing bars with what the network sees of its surroundings.
struct GapWindow {
  int first = 0;      ///< The window's first bar, in the piece.
  int bars = 0;       ///< As many as the network has, at most.
  int gap_first = 0;  ///< The gap's first bar, in the window.
  int gap_bars = 0;
};

/// Where a window of `bars` bars around a gap begins so that most of its bars are known, and among
/// these places where the gap is nearest to its middle.
int best_start(const std::vector<bool>& missing, int gap_first, int gap_bars, int bars) {
  const int total = static_cast<int>(missing.size());
  const int centred = gap_first - (bars - gap_bars) / 2;
  const auto rank = [&](int start) {
    const auto known = std::count(missing.begin() + start, missing.begin() + start + bars, false);
    return std::pair(-known, std::abs(start - centred));
  };
  int best = std::clamp(centred, 0, total - bars);
  const int last = std::min(gap_first, total - bars);
  for (int start = std::max(0, gap_first + gap_bars - bars); start <= last; ++start) {
    if (rank(start) < rank(best)) best = start;
  }
  return best;
}

/// The next bars to fill: the first run of missing bars, or as much of it as leaves room for what
/// surrounds it.
GapWindow next_window(const std::vector<bool>& missing, int network_bars) {
  const int total = static_cast<int>(missing.size());
  const auto begin = std::find(missing.begin(), missing.end(), true);
  const auto end = std::find(begin, missing.end(), false);
  const int first = static_cast<int>(begin - missing.begin());
  int run = static_cast<int>(end - begin);
  if (total <= network_bars) return {0, total, first, run};
  run = std::min(run, std::max(1, network_bars / 2));
  const int start = best_start(missing, first, run, network_bars);
  return {start, network_bars, first - start, run};
}

torch::Tensor missing_tensor(const std::vector<std::vector<bool>>& missing, int bars) {
  auto missing_BU = torch::zeros({static_cast<std::int64_t>(missing.size()), bars}, torch::kBool);
  for (std::size_t song = 0; song < missing.size(); ++song) {
    for (std::size_t bar = 0; bar < missing[song].size(); ++bar) {
      missing_BU.data_ptr<bool>()[song * static_cast<std::size_t>(bars) + bar] = missing[song][bar];
    }
  }
  return missing_BU;
}

models::Batch batch_of(const MusicModel& model, std::span<const Rows> songs,
                       const std::vector<bool>& missing) {
  auto batch = make_batch(model, songs);
  batch.missing_BU =
      missing_tensor(std::vector<std::vector<bool>>(songs.size(), missing), model.bars());
  batch.reading_BUD = model.network->read(batch);
  return batch;
}

/// How many notes sound at once at most in the known bars of a song whose rows are bits; 0 where no
/// note does.
int most_voices(const Rows& song, const std::vector<bool>& missing, int width) {
  std::ptrdiff_t most = 0;
  for (std::size_t bar = 0; bar < song.size(); ++bar) {
    if (missing[bar]) continue;
    for (auto row = song[bar].values.begin(); row != song[bar].values.end(); row += width) {
      most = std::max(most, std::count(row, row + width, 1));
    }
  }
  return static_cast<int>(most);
}

/// What songs keep to in a window that begins with bar `first_bar`: what is asked, and no more
/// voices than they have elsewhere, or in a rhythm that is kept.
std::vector<Constraints> constraints_of(const MusicModel& model, std::span<const Rows> songs,
                                        std::vector<bool> missing, const InpaintingOptions& options,
                                        int first_bar) {
  const auto asked = options.generation.constraints.from(static_cast<std::size_t>(first_bar));
  std::vector<Constraints> constraints(songs.size(), asked);
  if (options.keep == Keep::kRhythm) missing.assign(missing.size(), false);
  const auto shape = model.codec->row_shape();
  if (shape.kind != datasets::RowShape::Kind::kBits) return constraints;
  for (std::size_t i = 0; i < songs.size(); ++i) {
    const int voices = most_voices(songs[i], missing, shape.width);
    int& most = constraints[i].most_sounding;
    if (voices > 0) most = most > 0 ? std::min(most, voices) : voices;
  }
  return constraints;
}

std::unique_ptr<models::RowConstraint> constraint_for(const MusicModel& model,
                                                      std::span<const Rows> songs, Keep keep,
                                                      std::vector<Constraints> constraints) {
  switch (keep) {
    case Keep::kRhythm:
      return std::make_unique<RhythmConstraint>(*model.codec, songs, model.bars(),
                                                std::move(constraints));
    case Keep::kPitches:
      return std::make_unique<PitchConstraint>(*model.codec, songs, model.bars());
    case Keep::kNothing:
      break;
  }
  return std::make_unique<GrammarConstraint>(*model.codec, songs, model.bars(),
                                             std::move(constraints));
}

/// Tells networks that can use it what is to be kept.
void reveal(models::Batch& batch, Keep keep) {
  if (keep == Keep::kRhythm) batch.revealed_rhythm_BU = batch.missing_BU;
  if (keep == Keep::kPitches) batch.revealed_pitch_BU = batch.missing_BU;
}

/// Draws a fill of all `missing` bars of a window, which begins with bar `first_bar`, for each
/// song. So many candidates were drawn before for each.
std::vector<Rows> draw(const MusicModel& model, std::span<const Rows> songs,
                       const std::vector<bool>& missing, const InpaintingOptions& options,
                       int first_bar, int drawn_before) {
  const torch::NoGradGuard no_grad;
  const auto place =
      static_cast<std::uint64_t>(first_bar) | static_cast<std::uint64_t>(drawn_before) << 24;
  auto batch = batch_of(model, songs, missing);
  reveal(batch, options.keep);
  const auto posterior = model.network->encode(batch);
  auto z_BZ = model.network->posterior_kind().centre_BZ(posterior);
  if (options.generation.temperature > 0 && !model.network->has_bar_latents()) {
    const auto noise =
        models::posterior_noise(*model.network, posterior,
                                make_generator(options.generation.seed, kPosteriorNoise + place));
    z_BZ = models::draw_posterior(*model.network, posterior, noise).z_BZ;
  }
  const auto constraint = constraint_for(model, songs, options.keep,
                                         constraints_of(model, songs, missing, options, first_bar));
  const auto drawn =
      model.network->inpaint(z_BZ, batch, {options.generation.temperature}, *constraint,
                             make_generator(options.generation.seed, kFillNoise + place));
  return datasets::from_tensors(drawn.rows, drawn.lengths_BU, model.codec->row_shape(), songs);
}

/// -log p of each song's bars [first, end) given all others: [B].
torch::Tensor surprise_B(const MusicModel& model, std::span<const Rows> songs, int bars, int first,
                         int end) {
  if (first == end) return torch::zeros({static_cast<std::int64_t>(songs.size())});
  const torch::NoGradGuard no_grad;
  std::vector<bool> judged(static_cast<std::size_t>(bars));
  std::fill(judged.begin() + first, judged.begin() + end, true);
  const auto batch = batch_of(model, songs, judged);
  const auto logits_PW = model.network->decode(model.network->centre_BZ(batch), batch);
  return models::row_loss_BUR(model.network->config(), logits_PW, batch)
      .sum({1, 2})
      .to(torch::kCPU, torch::kFloat);
}

/// As above, some songs at a time: a network's buffers for all candidates of an evaluation's batch
/// would not fit into memory.
torch::Tensor surprise_in_parts_B(const MusicModel& model, std::span<const Rows> songs, int bars,
                                  int first, int end) {
  constexpr std::size_t kAtOnce = 32;
  std::vector<torch::Tensor> parts;
  for (std::size_t i = 0; i < songs.size(); i += kAtOnce) {
    const auto part = songs.subspan(i, std::min(kAtOnce, songs.size() - i));
    parts.push_back(surprise_B(model, part, bars, first, end));
  }
  return torch::cat(parts);
}

/// How unlikely fills are together with the bars that follow. At the end of a window, the bars
/// before count instead.
torch::Tensor surprise_B(const MusicModel& model, std::span<const Rows> songs,
                         const GapWindow& window) {
  const int after = window.gap_first + window.gap_bars;
  const bool last = after >= window.bars;
  const int first = last ? std::max(0, window.gap_first - kJudgedBars) : after;
  const int end = last ? window.gap_first : std::min(window.bars, after + kJudgedBars);
  return surprise_in_parts_B(model, songs, window.bars, window.gap_first, after) +
         surprise_in_parts_B(model, songs, window.bars, first, end);
}

std::vector<Rows> repeat_each(std::span<const Rows> songs, int times) {
  std::vector<Rows> repeated;
  for (const Rows& song : songs)
    repeated.insert(repeated.end(), static_cast<std::size_t>(times), song);
  return repeated;
}

Rows part_of(const Rows& song, const GapWindow& window) {
  return {song.begin() + window.first, song.begin() + window.first + window.bars};
}

/// Tells a caller how far the filling of a piece's gaps has come.
class FillProgress {
 public:
  FillProgress(const InpaintingOptions& options, int windows)
      : told_(options.progress), total_(windows * options.candidates) {}

  /// Whether to go on after so many more candidates.
  bool goes_on(int candidates) {
    done_ += candidates;
    return !told_ || told_(static_cast<double>(done_) / total_);
  }

 private:
  const std::function<bool(double)>& told_;
  int done_ = 0, total_;
};

/// The best fill of a window for each song among candidates that come some at a time.
class BestFills {
 public:
  explicit BestFills(std::size_t songs) : rows_(songs), surprise_(songs) {}

  /// Takes as many candidates for each song, song by song.
  void take(const MusicModel& model, std::vector<Rows> drawn, const GapWindow& window) {
    const std::size_t each = drawn.size() / rows_.size();
    const bool judging = each > 1 || !rows_.front().empty();
    const auto surprise_N =
        judging ? surprise_B(model, drawn, window) : torch::zeros({std::int64_t(drawn.size())});
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      const std::size_t song = i / each;
      const auto surprise = surprise_N[static_cast<std::int64_t>(i)].item<float>();
      if (!rows_[song].empty() && !(surprise < surprise_[song])) continue;
      rows_[song] = std::move(drawn[i]);
      surprise_[song] = surprise;
    }
  }

  const std::vector<Rows>& rows() const { return rows_; }

 private:
  std::vector<Rows> rows_;
  std::vector<float> surprise_;
};

/// Fills the window's gap in all songs; false where the work is to end.
bool fill_window(const MusicModel& model, std::vector<Rows>& songs,
                 const std::vector<bool>& missing, const GapWindow& window,
                 const InpaintingOptions& options, FillProgress& progress) {
  constexpr int kCandidatesAtOnce = 64;
  std::vector<Rows> views;
  for (const Rows& song : songs) views.push_back(part_of(song, window));
  const std::vector<bool> missing_here(missing.begin() + window.first,
                                       missing.begin() + window.first + window.bars);
  BestFills best(songs.size());
  for (int first = 0; first < options.candidates; first += kCandidatesAtOnce) {
    const int count = std::min(kCandidatesAtOnce, options.candidates - first);
    best.take(model,
              draw(model, repeat_each(views, count), missing_here, options, window.first, first),
              window);
    if (!progress.goes_on(count)) return false;
  }
  for (std::size_t i = 0; i < songs.size(); ++i) {
    const auto from = best.rows()[i].begin() + window.gap_first;
    std::copy(from, from + window.gap_bars, songs[i].begin() + window.first + window.gap_first);
  }
  return true;
}

std::vector<bool> marked(const std::vector<int>& missing, std::size_t bars) {
  std::vector<bool> marks(bars);
  for (const int bar : missing) {
    if (bar < 0 || static_cast<std::size_t>(bar) >= bars) {
      throw Error("there is no bar with index " + std::to_string(bar) + " to fill among " +
                  std::to_string(bars));
    }
    marks[static_cast<std::size_t>(bar)] = true;
  }
  return marks;
}

/// The windows in which all missing bars are filled, one after the other.
std::vector<GapWindow> windows_of(std::vector<bool> missing, int network_bars) {
  std::vector<GapWindow> windows;
  while (std::find(missing.begin(), missing.end(), true) != missing.end()) {
    const GapWindow& window = windows.emplace_back(next_window(missing, network_bars));
    std::fill_n(missing.begin() + window.first + window.gap_first, window.gap_bars, false);
  }
  return windows;
}

/// Fills all missing bars of songs of any length. Leaves no songs where the work is to end.
void fill(const MusicModel& model, std::vector<Rows>& songs, std::vector<bool> missing,
          InpaintingOptions options) {
  if (options.generation.temperature == 0) options.candidates = 1;  // they would be the same
  if (!model.network->inpaints()) {
    throw Error("a model of family '" + model.network->config().family +
                "' cannot fill missing bars");
  }
  check(options.generation.constraints, *model.codec);
  const std::vector<GapWindow> windows = windows_of(missing, model.bars());
  FillProgress progress(options, static_cast<int>(windows.size()));
  for (const GapWindow& window : windows) {
    if (!fill_window(model, songs, missing, window, options, progress)) return songs.clear();
    std::fill_n(missing.begin() + window.first + window.gap_first, window.gap_bars, false);
  }
}

/// The music without the notes that begin in missing bars.
Passage emptied(Passage music, const std::vector<bool>& missing) {
  for (std::size_t bar = 0; bar < music.bars.size(); ++bar) {
    if (missing[bar]) music.bars[bar].notes.clear();
  }
  return music;
}

/// The rows of the music. Known bars are encoded as if the missing ones were silent. The missing
/// bars hold the music that is to guide their fill.
Rows rows_to_fill(const MusicModel& model, const Passage& music, const std::vector<bool>& missing,
                  datasets::Dropped* dropped) {
  auto rows = model.codec->encode(emptied(music, missing), dropped);
  auto guide = model.codec->encode(music);
  for (std::size_t bar = 0; bar < rows.size(); ++bar) {
    if (missing[bar]) rows[bar] = std::move(guide[bar]);
  }
  return rows;
}

}  // namespace

std::vector<Passage> MusicVae::inpaint(const Passage& music, const std::vector<int>& missing,
                                       const InpaintingOptions& options,
                                       datasets::Dropped* dropped) const {
  const auto marks = marked(missing, music.bars.size());
  std::vector<Rows> songs(static_cast<std::size_t>(options.alternatives),
                          rows_to_fill(*model_, music, marks, dropped));
  fill(*model_, songs, marks, options);
  std::vector<Passage> passages;
  for (const Rows& song : songs) passages.push_back(codec().decode(song));
  return passages;
}

std::vector<Rows> inpaint_rows(const MusicModel& model, std::span<const Rows> pieces,
                               const std::vector<int>& missing, const InpaintingOptions& options) {
  auto songs = repeat_each(pieces, options.alternatives);
  if (!songs.empty()) fill(model, songs, marked(missing, songs.front().size()), options);
  return songs;
}

}  // namespace musicvae
