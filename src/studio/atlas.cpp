#include "src/studio/atlas.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "src/music/palette/similarity.hpp"
#include "src/studio/piece_json.hpp"

namespace musicvae::studio {
namespace {

constexpr std::chrono::milliseconds kTurn{250};  // After which other jobs have theirs.
constexpr std::size_t kMostCompared = 300;       // Bar by bar; the rest is too far away.
constexpr std::size_t kMostSimilar = 12;
constexpr std::size_t kMostEmbedded = 20'000;
constexpr int kManyPieces = 3000;

/// The mean direction of the bars in which something sounds; empty where there is none.
Vector mean_direction(const MusicVae& model, const datasets::Passage& music) {
  const auto latents = model.encode(music);
  const auto parts = split_passages(music, model.bars_a_latent());
  Vector mean;
  for (std::size_t i = 0; i < latents.size(); ++i) {
    if (note_count(parts[i]) == 0) continue;
    double squares = 0;
    for (const float value : latents[i]) squares += double(value) * double(value);
    const auto length = static_cast<float>(std::sqrt(std::max(squares, 1e-12)));
    mean.resize(latents[i].size());
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += latents[i][k] / length;
  }
  return mean;
}

double cosine(const Vector& a, const Vector& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    ab += double(a[i]) * double(b[i]);
    aa += double(a[i]) * double(a[i]);
    bb += double(b[i]) * double(b[i]);
  }
  return ab / std::sqrt(std::max(aa * bb, 1e-24));
}

nlohmann::json to_json(const std::vector<Place>& places) {
  auto list = nlohmann::json::array();
  // Four digits are finer than any screen.
  const auto round = [](float value) { return std::round(double(value) * 1e4) / 1e4; };
  for (const Place& place : places) list.push_back({round(place.x), round(place.y)});
  return list;
}

std::uint64_t fingerprint_of(const std::string& model) {
  const auto file = find_model(model);
  std::error_code absent;
  const auto time = std::filesystem::last_write_time(file, absent).time_since_epoch().count();
  return std::hash<std::string>()(file.string() + " " + std::to_string(time) + " " +
                                  std::to_string(std::filesystem::file_size(file, absent)));
}

}  // namespace

Atlas::Atlas(Pieces& pieces, JobQueue& jobs, Workshop& workshop, std::string model,
             std::filesystem::path folder)
    : pieces_(pieces),
      jobs_(jobs),
      workshop_(workshop),
      model_(std::move(model)),
      folder_(std::move(folder)) {}

Atlas::~Atlas() {
  ending_ = true;
  if (placing_.joinable()) placing_.join();
}

void Atlas::add(const std::filesystem::path& path) {
  collection_.add(path);
  has_own_ = true;
}

void Atlas::add_piece(const std::filesystem::path& path) { collection_.add(path); }

void Atlas::begin() {
  has_begun_ = true;
  if (!has_own_) {
    collection_.add_box();
    folder_.clear();  // A dozen pieces are read in no time.
  }
  key_ = collection_.fingerprint() ^ fingerprint_of(model_);
  auto known = read_map(folder_, key_, collection_.size());
  if (!known) return;
  vectors_ = std::move(known->vectors);
  near_ = std::move(known->near);
  next_ = collection_.size();
  placed_ = placed_now();
  silent_ = vectors_.size() - placed_.size();
  principal_ = std::move(known->principal);
  ready_ = true;
  ++version_;
}

std::vector<std::size_t> Atlas::placed_now() const {
  std::vector<std::size_t> placed;
  for (std::size_t i = 0; i < vectors_.size(); ++i) {
    if (!vectors_[i].empty()) placed.push_back(i);
  }
  return placed;
}

nlohmann::json Atlas::tell(bool names) {
  const std::lock_guard lock(mutex_);
  if (!has_begun_) begin();
  if (next_ < collection_.size()) ask_for_work();
  nlohmann::json told = {{"version", version_},   {"total", collection_.size()},
                         {"read", next_},         {"silent", silent_},
                         {"trouble", trouble_},   {"ready", ready_},
                         {"placed", placed_},     {"principal", to_json(principal_)},
                         {"near", to_json(near_)}};
  if (!names) return told;
  auto pieces = nlohmann::json::array();
  for (std::size_t i = 0; i < collection_.size(); ++i) {
    pieces.push_back({collection_.name(i), collection_.group(i)});
  }
  told["pieces"] = std::move(pieces);
  return told;
}

void Atlas::ask_for_work() {
  if (!working_.expired()) return;
  auto working = std::make_shared<int>();
  working_ = working;
  try {
    jobs_.start([this, working = std::move(working)](Job& job) mutable {
      if (!job.is_unwanted()) read_some();
      working.reset();
      const std::lock_guard lock(mutex_);
      if (next_ < collection_.size() && !job.is_unwanted()) ask_for_work();
    });
  } catch (const Error&) {
    return;  // Too much else waits; whoever looks at the map asks again.
  }
}

void Atlas::read_some() {
  const auto end = std::chrono::steady_clock::now() + kTurn;
  read_while([&] { return !ending_ && std::chrono::steady_clock::now() < end; });
}

void Atlas::read_while(const std::function<bool()>& goes_on) {
  const MusicVae& model = workshop_.model_named(model_);
  while (goes_on() && read_next(model)) continue;
  const std::lock_guard lock(mutex_);
  if (ready_ || placing_.joinable()) return;
  const bool all = next_ == collection_.size();
  if (all || next_ >= publish_at_) publish();
  if (all) finish();
}

/// Reads a piece, and gives whether there are more.
bool Atlas::read_next(const MusicVae& model) {
  std::size_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    if (next_ == collection_.size()) return false;
    index = next_;
  }
  Vector vector;
  std::string trouble;
  try {
    vector = mean_direction(model, collection_.passage(index, model.codec()));
  } catch (const Error& error) {
    const std::string &name = collection_.name(index), what = error.what();
    trouble = what.starts_with(name) ? what : name + ": " + what;
  }
  const std::lock_guard lock(mutex_);
  if (vector.empty()) ++silent_;
  if (!trouble.empty()) trouble_ = trouble;
  vectors_.push_back(std::move(vector));
  return ++next_ < collection_.size();
}

void Atlas::publish() {
  publish_at_ = next_ * 2;
  placed_ = placed_now();
  std::vector<Vector> sounding;
  for (const std::size_t index : placed_) sounding.push_back(vectors_[index]);
  principal_ = principal_places(sounding);
  ++version_;
}

/// Finds the neighbours, on a thread of its own.
void Atlas::finish() {
  std::vector<Vector> sounding;
  for (const std::size_t index : placed_) sounding.push_back(vectors_[index]);
  placing_ = std::thread([this, sounding = std::move(sounding), start = principal_] {
    NeighbourOptions options;
    options.goes_on = [this] { return !ending_; };
    if (int(sounding.size()) > kManyPieces) options.epochs = 200;
    auto near = sounding.size() <= kMostEmbedded ? neighbour_places(sounding, start, options)
                                                 : std::vector<Place>();
    if (ending_) return;
    MapContent content;
    {
      const std::lock_guard lock(mutex_);
      near_ = near.empty() ? start : std::move(near);
      ready_ = true;
      ++version_;
      content = {vectors_, near_, principal_};
    }
    write_map(folder_, key_, content);
  });
}

PiecePointer Atlas::open(std::size_t index) {
  if (index >= collection_.size()) throw NotFound("there is no such piece on the map");
  return collection_.open(index, pieces_);
}

std::vector<std::size_t> Atlas::nearest(const Vector& vector, std::size_t self) {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<double, std::size_t>> all;
  for (std::size_t i = 0; i < vectors_.size(); ++i) {
    if (!vectors_[i].empty() && i != self) all.emplace_back(-cosine(vector, vectors_[i]), i);
  }
  const std::size_t count = std::min(kMostCompared, all.size());
  std::partial_sort(all.begin(), all.begin() + std::ptrdiff_t(count), all.end());
  std::vector<std::size_t> nearest;
  for (std::size_t i = 0; i < count; ++i) nearest.push_back(all[i].second);
  return nearest;
}

void Atlas::find_similar(const PiecePointer& piece, std::size_t self, Job& job) {
  {
    const std::lock_guard lock(mutex_);
    if (!has_begun_) begin();
  }
  read_while([&] { return !job.is_unwanted(); });
  const MusicVae& model = workshop_.model_named(model_);
  const auto music = make_source(piece->name, piece->file, model.codec()).piece.music;
  SimilaritySearch search(model, music, {.pieces = kMostSimilar, .bars = 0});
  for (const std::size_t index : nearest(mean_direction(model, music), self)) {
    if (job.is_unwanted()) return;
    try {
      search.add(std::to_string(index), collection_.passage(index, model.codec()));
    } catch (const Error&) {
      continue;  // It was there a while ago.
    }
  }
  auto pieces = nlohmann::json::array();
  for (const auto& found : search.pieces()) {
    const auto index = static_cast<std::size_t>(std::stoul(found.name));
    pieces.push_back(
        {{"index", index}, {"name", collection_.name(index)}, {"similarity", found.similarity}});
  }
  job.tell("similar", {{"pieces", std::move(pieces)}});
}

}  // namespace musicvae::studio
