#include "src/studio/made.hpp"

#include <cstdio>
#include <filesystem>
#include <random>

#include "midi/file/writer.hpp"

namespace musicvae::studio {

HeldPiece made(const midi::Score& score, const Making& making, const std::string& name) {
  const auto bytes = midi::write_midi(with_origin(score, making.origin.text()));
  HeldPiece piece{"", name, name, midi::read_midi(bytes), bytes};
  piece.command = "musicvae " + making.origin.command() + " -o " + shell_word(making.output);
  piece.made_as = making.file;
  return piece;
}

std::string word_of(const HeldPiece& piece) {
  return piece.path.starts_with('-') ? "./" + piece.path : piece.path;
}

std::string stem(const HeldPiece& piece) {
  return std::filesystem::path(piece.name).stem().string();
}

std::string short_number(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

std::string numbered(const char* format, int number) {
  char text[32];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

std::uint64_t new_seed() { return std::random_device()(); }

Source source_of(const PiecePointer& piece, const datasets::Codec& codec) {
  return make_source(piece->name, piece->file, codec);
}

}  // namespace musicvae::studio
