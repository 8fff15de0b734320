#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "midi/file/reader.hpp"

/// The music that the studio holds. It is in memory alone.
namespace musicvae::studio {

/// A piece, which never changes.
struct HeldPiece {
  std::string id;
  std::string name;  ///< The name of its file, without folders.
  std::string path;  ///< As a command line takes it.
  midi::ReadResult file;
  std::vector<std::byte> bytes;  ///< The file; of one sequence of several, a file of its own.
  std::string command = {};      ///< The command line that makes it, where it was made here.
  std::string made_as = {};      ///< The file that this writes it to.
  std::vector<int> filled = {};  ///< Indices of bars that were filled.
};
using PiecePointer = std::shared_ptr<const HeldPiece>;

class Pieces {
 public:
  /// The pieces of a MIDI file, which was given as `path`. A file that is there already is not kept
  /// twice. Throws MidiError where it cannot be read.
  std::vector<PiecePointer> add_file(const std::string& path, std::span<const std::byte> bytes);
  /// Music that was made.
  PiecePointer add_made(HeldPiece piece);

  /// Throws NotFound where there is none (any more).
  PiecePointer find(const std::string& id);

 private:
  PiecePointer keep(HeldPiece piece);
  void forget_oldest();

  std::mutex mutex_;  // Guards all that follows.
  struct Place {
    PiecePointer piece;
    std::size_t last_use = 0;
  };
  std::map<std::string, Place> pieces_;
  std::map<std::string, std::string> ids_;  // By path and bytes, of files.
  std::size_t uses_ = 0, ids_given_ = 0, bytes_ = 0;
};

/// Asked for something that is not there.
class NotFound : public std::exception {
 public:
  explicit NotFound(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

}  // namespace musicvae::studio
