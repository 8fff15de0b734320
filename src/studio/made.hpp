#pragma once

#include <cstdint>
#include <string>

#include "src/music/musicvae.hpp"
#include "src/music/origin.hpp"
#include "src/studio/pieces.hpp"

/// Music that the studio makes, as the commands write it.
namespace musicvae::studio {

/// Music as the file that a command writes, and how.
struct Making {
  Origin origin;
  std::string output;  ///< What stands after -o.
  std::string file;    ///< Where the music is then.
};

HeldPiece made(const midi::Score& score, const Making& making, const std::string& name);

/// A path that no command takes for an option.
std::string word_of(const HeldPiece& piece);
/// The name of a piece's file, without its end.
std::string stem(const HeldPiece& piece);
/// At most four digits, as a command line takes them.
std::string short_number(double number);
/// `number` in the one place of `format`, as printf has it.
std::string numbered(const char* format, int number);

std::uint64_t new_seed();

Source source_of(const PiecePointer& piece, const datasets::Codec& codec);

}  // namespace musicvae::studio
