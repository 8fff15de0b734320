#include "src/studio/pieces.hpp"

#include <algorithm>
#include <filesystem>

#include "midi/file/sequence_path.hpp"
#include "midi/file/writer.hpp"

namespace musicvae::studio {
namespace {

constexpr std::size_t kMostPieces = 4096;
constexpr std::size_t kMostBytes = std::size_t{256} << 20;
constexpr std::size_t kBytesAtLeast = 4096;  // For what a small piece takes besides its bytes.

std::size_t size_of(const HeldPiece& piece) { return kBytesAtLeast + piece.bytes.size(); }

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace

std::vector<PiecePointer> Pieces::add_file(const std::string& path,
                                           std::span<const std::byte> bytes) {
  auto sequences = midi::read_midi_sequences(bytes);
  const bool alone = sequences.size() == 1;
  std::vector<PiecePointer> added;
  for (auto& sequence : sequences) {
    const std::string own = alone ? path : midi::sequence_path(path, sequence.sequence).string();
    auto own_bytes =
        alone ? std::vector(bytes.begin(), bytes.end()) : midi::write_midi(sequence.score);
    added.push_back(keep({"", file_name(own), own, std::move(sequence), std::move(own_bytes), ""}));
  }
  return added;
}

PiecePointer Pieces::add_made(HeldPiece piece) { return keep(std::move(piece)); }

PiecePointer Pieces::keep(HeldPiece piece) {
  const std::string content =
      piece.path + '\0' +
      std::string(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
  const std::lock_guard lock(mutex_);
  const auto known = ids_.find(content);
  if (known != ids_.end() && pieces_.contains(known->second)) {
    Place& place = pieces_.at(known->second);
    place.last_use = ++uses_;
    return place.piece;
  }
  piece.id = "p" + std::to_string(++ids_given_);
  ids_[content] = piece.id;
  bytes_ += size_of(piece);
  const auto kept = std::make_shared<const HeldPiece>(std::move(piece));
  pieces_[kept->id] = {kept, ++uses_};
  while (pieces_.size() > kMostPieces || (bytes_ > kMostBytes && pieces_.size() > 1)) {
    forget_oldest();
  }
  return kept;
}

void Pieces::forget_oldest() {
  const auto oldest = std::min_element(
      pieces_.begin(), pieces_.end(),
      [](const auto& a, const auto& b) { return a.second.last_use < b.second.last_use; });
  bytes_ -= size_of(*oldest->second.piece);
  std::erase_if(ids_, [&](const auto& entry) { return entry.second == oldest->first; });
  pieces_.erase(oldest);
}

PiecePointer Pieces::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = pieces_.find(id);
  if (found == pieces_.end()) {
    throw NotFound("there is no piece '" + id + "' (any more); open it or make it again");
  }
  found->second.last_use = ++uses_;
  return found->second.piece;
}

}  // namespace musicvae::studio
