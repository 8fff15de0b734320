#include "src/studio/collection.hpp"

#include <string_view>
#include <utility>

#include "datasets/corpus/files.hpp"
#include "midi/file/writer.hpp"
#include "src/base/file.hpp"
#include "src/music/new_music.hpp"
#include "src/music/source.hpp"
#include "src/studio/assets.hpp"

namespace musicvae::studio {
namespace {

constexpr std::string_view kBoxFolder = "music/";
constexpr std::size_t kMostFileBytes = std::size_t{16} << 20;
constexpr double kCorpusTempo = 96;
constexpr int kCorpusProgram = 24;  // Nylon guitar.

/// The hash FNV-1a of 64 bits.
class Hash {
 public:
  void add(std::string_view text) {
    for (const char letter : text) mix(static_cast<unsigned char>(letter));
    mix(0);
  }
  void add(std::uint64_t number) {
    for (int i = 0; i < 8; ++i) mix(number >> (8 * i) & 255);
  }
  std::uint64_t value() const { return value_; }

 private:
  void mix(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001b3U; }
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

std::string file_name(const std::filesystem::path& path) { return path.filename().string(); }

}  // namespace

void Collection::add_box() {
  for (const Asset& asset : assets()) {
    if (!asset.name.starts_with(kBoxFolder)) continue;
    items_.push_back({std::string(asset.name.substr(kBoxFolder.size())), "the box", {}});
  }
}

void Collection::add(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path) && datasets::Corpus::is_corpus(path)) {
    return add_corpus(path);
  }
  const auto root = std::filesystem::is_directory(path) ? path : path.parent_path();
  for (const auto& file : datasets::find_midi_files({path})) {
    const auto inside = file.lexically_relative(root);
    const bool deep = inside.has_parent_path();
    items_.push_back({inside.empty() ? file_name(file) : inside.string(),
                      deep ? inside.begin()->string() : file_name(root), file});
  }
}

void Collection::add_corpus(const std::filesystem::path& path) {
  const auto corpus = datasets::Corpus::open(path);
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    const std::filesystem::path source = corpus.info(i).name;
    const std::string folder = file_name(source.parent_path());
    items_.push_back(
        {file_name(source), folder.empty() ? file_name(path) : folder, {}, corpora_.size(), i});
  }
  corpora_.push_back(corpus);
}

std::vector<std::byte> Collection::bytes(const Item& item) const {
  if (!item.file.empty()) return read_file(item.file, kMostFileBytes);
  const std::string_view text = find_asset(std::string(kBoxFolder) + item.name)->bytes;
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

datasets::Passage Collection::passage(std::size_t index, const datasets::Codec& codec) const {
  const Item& item = items_[index];
  if (!item.corpus) {
    auto sequences = midi::read_midi_sequences(bytes(item));
    return make_source(item.name, std::move(sequences.front()), codec).piece.music;
  }
  const datasets::Corpus& corpus = corpora_[*item.corpus];
  if (corpus.grid() != codec.grid()) {
    throw Error("the corpus lies on another grid than the model; prepare it again");
  }
  return corpus.passage(item.place, 0, corpus.info(item.place).bars);
}

PiecePointer Collection::open(std::size_t index, Pieces& pieces) const {
  const Item& item = items_[index];
  if (!item.corpus) {
    const std::string path = item.file.empty() ? item.name : item.file.string();
    return pieces.add_file(path, bytes(item)).front();
  }
  const datasets::Corpus& corpus = corpora_[*item.corpus];
  const auto music = corpus.passage(item.place, 0, corpus.info(item.place).bars);
  const auto style = style_of_new_music(kCorpusTempo, kCorpusProgram, "");
  const auto name = std::filesystem::path(item.name).replace_extension(".mid").string();
  return pieces.add_file(name, midi::write_midi(datasets::to_score(music, style))).front();
}

std::uint64_t Collection::fingerprint() const {
  Hash hash;
  for (const auto& corpus : corpora_) hash.add(corpus.content());
  for (const Item& item : items_) {
    hash.add(item.name);
    if (item.file.empty()) continue;
    std::error_code absent;
    hash.add(item.file.string());
    hash.add(std::filesystem::file_size(item.file, absent));
    const auto time = std::filesystem::last_write_time(item.file, absent);
    hash.add(static_cast<std::uint64_t>(time.time_since_epoch().count()));
  }
  return hash.value();
}

}  // namespace musicvae::studio
