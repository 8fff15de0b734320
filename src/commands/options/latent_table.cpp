#include "src/commands/options/latent_table.hpp"

#include <cstdio>
#include <span>
#include <utility>

#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/text.hpp"

namespace musicvae::commands {

LatentTable::LatentTable(const MusicVae& model, std::string path) : path_(std::move(path)) {
  if (model.has_bar_latents()) {
    throw UsageError(
        "--latents takes a model with one latent for each passage; here each bar has "
        "one");
  }
  check_writable(path_);
}

void LatentTable::add(const std::string& piece, int first_bar, const Latent& latent) {
  text_ += printable(piece) + '\t' + std::to_string(first_bar + 1) + '\t';
  for (std::size_t i = 0; i < latent.size(); ++i) {
    char number[32];
    std::snprintf(number, sizeof number, "%s%.6g", i == 0 ? "" : " ", double(latent[i]));
    text_ += number;
  }
  text_ += '\n';
}

void LatentTable::write() const { write_file_atomically(path_, std::as_bytes(std::span(text_))); }

}  // namespace musicvae::commands
