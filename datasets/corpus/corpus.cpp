#include "datasets/corpus/corpus.hpp"

#include <algorithm>
#include <fstream>

#include "datasets/corpus/format.hpp"
#include "datasets/corpus/mapping.hpp"

namespace musicvae::datasets {
namespace {

using namespace corpus_format;

void require(bool condition, const std::string& message) {
  if (!condition) throw DatasetError(message);
}

bool lies_within(std::uint64_t offset, std::uint64_t size, std::uint64_t begin, std::uint64_t end) {
  return offset >= begin && offset <= end && size <= end - offset;
}

Header checked_header(std::span<const std::byte> file) {
  require(file.size() >= sizeof(kMagic) && load<std::array<char, 8>>(file, 0) == kMagic,
          "it is not a corpus; make one with 'musicvae prepare'");
  require(file.size() >= sizeof(Header), "it is cut short; prepare it again");
  const auto header = load<Header>(file, 0);
  require(header.version == kVersion, "it is of version " + std::to_string(header.version) +
                                          ", this program reads version " +
                                          std::to_string(kVersion) + "; prepare it again");
  require(header.file_size == file.size(),
          "it holds " + std::to_string(file.size()) + " bytes instead of " +
              std::to_string(header.file_size) + "; prepare it again");
  require(header.checksum == checksum(file), "it is damaged (checksum); prepare it again");
  return header;
}

void check_header_values(const Header& header) {
  const std::uint64_t index_size = std::uint64_t(header.pieces) * sizeof(PieceRecord);
  require(lies_within(header.index_offset, index_size, sizeof(Header), header.file_size),
          "its index is not inside it");
  require(header.steps_per_quarter <= kMaxStepsPerQuarter, "its grid is too fine");
  require(header.codec.back() == '\0', "its codec has no name");
}

void check_places(const PieceRecord& piece, const Header& header) {
  require(lies_within(piece.offset, piece_size(piece.bars, piece.notes), sizeof(Header),
                      header.index_offset),
          "a piece is not inside it");
  require(lies_within(piece.name_offset, piece.name_size, header.index_offset, header.file_size),
          "a piece's name is not inside it");
  require(piece.split <= std::uint32_t(Split::kValidation), "a piece belongs to no split");
}

}  // namespace

struct Corpus::Impl {
  std::string path;  // Empty where the file has no name.
  Mapping mapping;
  Header header;
  std::string codec_name;
  Grid grid;
  std::unique_ptr<const Codec> codec;
  std::vector<PieceInfo> infos;
  std::vector<PieceView> views;

  Impl(Mapping file, std::string name)
      : path(std::move(name)), mapping(std::move(file)), header(checked_header(mapping.bytes())) {
    check_header_values(header);
    codec_name = header.codec.data();
    grid.steps_per_quarter = int(header.steps_per_quarter);
    codec = make_codec(codec_name, grid);
    const int most_rows = codec->max_rows(codec->longest_bar());
    require(header.max_rows >= 1 && header.max_rows <= std::uint32_t(most_rows),
            "its longest bar is of " + std::to_string(header.max_rows) + " rows, its codec makes " +
                std::to_string(most_rows) + " at most");
    for (std::uint32_t piece = 0; piece < header.pieces; ++piece) add_piece(piece);
  }

  void add_piece(std::uint32_t index) {
    const auto bytes = mapping.bytes();
    const auto record = load<PieceRecord>(bytes, header.index_offset + index * sizeof(PieceRecord));
    check_places(record, header);
    const PieceView view(bytes.subspan(record.offset, piece_size(record.bars, record.notes)),
                         record.bars, record.notes);
    view.check();
    const auto name = bytes.subspan(record.name_offset, record.name_size);
    PieceInfo info{std::string(reinterpret_cast<const char*>(name.data()), name.size()),
                   Split(record.split), int(record.bars), midi::kPitches, -1};
    summarise(view, info);
    infos.push_back(std::move(info));
    views.push_back(view);
  }

  void summarise(const PieceView& view, PieceInfo& info) const {
    for (std::uint32_t index = 0; index < view.bars(); ++index) {
      const Bar bar = view.bar(index);
      require(codec->can_encode(bar.length),
              "bar " + std::to_string(index + 1) + " of " + info.name + " is of " +
                  std::to_string(bar.length.count) + " steps, and its codec takes up to " +
                  std::to_string(codec->longest_bar().count));
      for (const GridNote& note : bar.notes) {
        if (note.drum) continue;
        info.lowest_pitch = std::min<int>(info.lowest_pitch, note.pitch);
        info.highest_pitch = std::max<int>(info.highest_pitch, note.pitch);
      }
    }
  }
};

Corpus::Corpus(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Corpus Corpus::open(const std::filesystem::path& path) {
  Mapping mapping = Mapping::of_file(path);
  try {
    return Corpus(std::make_shared<const Impl>(std::move(mapping), path.string()));
  } catch (const DatasetError& error) {
    throw DatasetError("cannot read the corpus '" + path.string() + "': " + error.what());
  }
}

Corpus Corpus::open(const Spool& file) {
  return Corpus(std::make_shared<const Impl>(file.map(), ""));
}

bool Corpus::is_corpus(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, kMagic.size()> start{};
  return file.read(start.data(), start.size()) && start == kMagic;
}

const std::string& Corpus::codec() const { return impl_->codec_name; }
const Grid& Corpus::grid() const { return impl_->grid; }
std::size_t Corpus::size() const { return impl_->infos.size(); }
const Corpus::PieceInfo& Corpus::info(std::size_t piece) const { return impl_->infos.at(piece); }
int Corpus::max_rows() const { return int(impl_->header.max_rows); }

std::uint64_t Corpus::content() const {
  const Header& header = impl_->header;
  std::uint64_t hash = hash_bytes(bytes_of(header.codec), header.steps_per_quarter);
  for (std::size_t piece = 0; piece < size(); ++piece) {
    hash = hash_bytes(bytes_of(info(piece).split), hash);
    hash = hash_bytes(impl_->views[piece].bytes(), hash);
  }
  return hash;
}

Passage Corpus::passage(std::size_t piece, int first, int count) const {
  require(piece < size() && first >= 0 && count >= 0 && first <= info(piece).bars &&
              count <= info(piece).bars - first,
          "bars " + std::to_string(first) + " to " + std::to_string(first + std::int64_t(count)) +
              " of piece " + std::to_string(piece) + " are not in the corpus");
  Passage passage{grid(), {}};
  passage.bars.reserve(std::size_t(count));
  try {
    for (int bar = first; bar < first + count; ++bar) {
      passage.bars.push_back(impl_->views[piece].bar(std::uint32_t(bar)));
    }
    return passage;
  } catch (const DatasetError& error) {
    throw DatasetError("the corpus " + impl_->path +
                       " has changed while it was being read: " + error.what());
  }
}

std::vector<BarRows> Corpus::window(std::size_t piece, int first, int count) const {
  return impl_->codec->encode(passage(piece, first, count));
}

}  // namespace musicvae::datasets
