// Uses one thing of each installed library: consumer FOLDER.
#include <cstdio>
#include <filesystem>

#include "midi/score.hpp"
#include "models/files/safetensors.hpp"
#include "src/music/version.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto path = std::filesystem::path(argv[1]) / "pitch.safetensors";
  const musicvae::midi::Note note;
  musicvae::models::TensorFile file;
  file.tensors["pitch"] = torch::tensor(note.pitch, torch::kInt64);
  musicvae::models::write_safetensors(file, path);
  const auto read = musicvae::models::read_safetensors(path);
  if (read.tensors.at("pitch").item<int>() != note.pitch) return 1;
  std::printf("musicvae %s\n", musicvae::version());
  return 0;
}
