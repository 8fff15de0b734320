#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/studio/atlas.hpp"
#include "src/studio/jobs.hpp"
#include "src/studio/pieces.hpp"
#include "src/studio/server/http.hpp"
#include "src/studio/sounds.hpp"
#include "src/studio/workshop.hpp"

namespace musicvae::studio {

struct ApiOptions {
  std::string model;  ///< For all that is made; where empty, as each command chooses.
  std::string device = "auto";
  int threads = 0;  ///< 0 is one for each core.
  SynthOptions synth;
  std::filesystem::path maps = {};  ///< Where maps are kept; nowhere where it is empty.
};

/// The studio's page and its interface, which docs/studio.md describes. Answers many threads.
class Api {
 public:
  explicit Api(const ApiOptions& options);

  /// Opens a MIDI file of this machine, to be shown by every page, the folder of a training run, or
  /// a folder of MIDI files or a prepared corpus, of which there is a map.
  void open(const std::string& path);
  /// Answers a request, whose path begins behind the token.
  HttpReply answer(const HttpRequest& request);
  /// Stops all work, and lets streams end.
  void end() { jobs_.end(); }

 private:
  HttpReply dispatch(const HttpRequest& request);
  HttpReply get(const std::vector<std::string>& path, const HttpRequest& request);
  HttpReply post(const std::vector<std::string>& path, const HttpRequest& request);
  HttpReply get_run(const std::string& number, const HttpRequest& request);
  HttpReply open_sample(const std::string& number, const HttpRequest& request);
  HttpReply get_piece(const std::vector<std::string>& path, const HttpRequest& request);
  HttpReply state();
  HttpReply sound_check() const;
  HttpReply add_pieces(const std::string& name, std::string_view bytes);
  HttpReply start_way(const HttpRequest& request);
  HttpReply make_place(const HttpRequest& request);
  HttpReply start_takes(const HttpRequest& request);
  HttpReply start_palette(const HttpRequest& request);
  HttpReply make_on_palette(const HttpRequest& request);
  HttpReply start_steering(const HttpRequest& request);
  HttpReply post_map(const std::vector<std::string>& path, const HttpRequest& request);
  /// What `work` gives once the jobs before it are done.
  HttpReply reply_of_job(const std::function<nlohmann::json()>& work);
  HttpReply sound(const HeldPiece& piece, const HttpRequest& request);

  std::string default_model() const;

  ApiOptions options_;
  Pieces pieces_;
  Sounds sounds_;
  Workshop workshop_;                // For the thread of jobs_ alone.
  std::vector<std::string> opened_;  // Ids of pieces.
  std::vector<std::string> runs_;    // Folders.
  std::vector<std::string> maps_;    // Folders and corpora.
  Atlas atlas_;
  JobQueue jobs_;  // Ends before what its jobs work on.
};

}  // namespace musicvae::studio
