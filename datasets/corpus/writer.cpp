#include "datasets/corpus/writer.hpp"

#include <algorithm>

#include "datasets/corpus/format.hpp"

namespace musicvae::datasets {
namespace {

using namespace corpus_format;

std::uint32_t note_total(const Passage& music) {
  std::size_t notes = 0;
  for (const Bar& bar : music.bars) notes += bar.notes.size();
  return std::uint32_t(notes);
}

Header make_header(const CorpusWriter::Settings& settings, std::size_t pieces) {
  Header header;
  if (settings.codec.size() >= header.codec.size())
    throw DatasetError("a codec's name is too long");
  std::copy(settings.codec.begin(), settings.codec.end(), header.codec.begin());
  header.pieces = std::uint32_t(pieces);
  header.steps_per_quarter = std::uint32_t(settings.grid.steps_per_quarter);
  header.max_rows = std::uint32_t(settings.max_rows);
  return header;
}

void append_index(Spool& image, std::vector<PieceRecord> records,
                  const std::vector<CorpusWriter::Kept>& kept) {
  std::size_t name_offset = image.size() + records.size() * sizeof(PieceRecord);
  for (std::size_t at = 0; at < records.size(); ++at) {
    records[at].name_offset = name_offset;
    records[at].name_size = std::uint32_t(kept[at].name.size());
    records[at].split = std::uint32_t(kept[at].split);
    name_offset += kept[at].name.size();
  }
  image.append(std::as_bytes(std::span(records)));
  for (const auto& piece : kept) image.append(std::as_bytes(std::span(piece.name)));
}

/// The header goes in last, once all that it sums up is there.
void seal(Spool& image, Header header) {
  image.overwrite(0, bytes_of(header));
  header.checksum = checksum(image.map().bytes());
  image.overwrite(0, bytes_of(header));
}

}  // namespace

CorpusWriter::CorpusWriter(const std::filesystem::path& folder) : spool_(folder) {}

CorpusWriter::Index CorpusWriter::add(const Passage& music) {
  places_.push_back({spool_.size(), std::uint32_t(music.bars.size()), note_total(music)});
  spool_.append(to_bytes(music));
  return places_.size() - 1;
}

void CorpusWriter::finish(const std::vector<Kept>& kept, const Settings& settings,
                          Spool& output) const {
  const Mapping pieces = spool_.map();
  Header header = make_header(settings, kept.size());
  output.append(bytes_of(header));
  std::vector<PieceRecord> records;
  for (const Kept& piece : kept) {
    const Place& place = places_[piece.piece];
    records.push_back({output.size(), place.bars, place.notes, 0, 0, 0});
    output.append(pieces.bytes().subspan(place.offset, piece_size(place.bars, place.notes)));
  }
  header.index_offset = output.size();
  append_index(output, std::move(records), kept);
  header.file_size = output.size();
  seal(output, header);
}

}  // namespace musicvae::datasets
