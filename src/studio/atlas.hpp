#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/studio/collection.hpp"
#include "src/studio/jobs.hpp"
#include "src/studio/map/map_file.hpp"
#include "src/studio/workshop.hpp"

namespace musicvae::studio {

/// A map of a collection: each piece stands where its music lies in the model's latent space, as
/// the mean direction of its bars. Pieces are read in small jobs, between which other work has its
/// turn; the neighbour embedding has a thread of its own. What was found out is kept in `folder`,
/// so that the next time the map is there at once.
class Atlas {
 public:
  Atlas(Pieces& pieces, JobQueue& jobs, Workshop& workshop, std::string model,
        std::filesystem::path folder);
  ~Atlas();
  Atlas(const Atlas&) = delete;
  Atlas& operator=(const Atlas&) = delete;

  /// Before anybody asks. Throws Error where there is no music.
  void add(const std::filesystem::path& path);
  /// A single MIDI file. Where there are no others, the music in the box is on the map too.
  void add_piece(const std::filesystem::path& path);

  /// What is known: {"version", "total", "read", "silent", "ready", "principal", "near"}, and with
  /// `names` "pieces", the name, group and index of each. Places are pairs in the order of
  /// "placed", indices of pieces. The first question makes the work begin.
  nlohmann::json tell(bool names);
  /// Throws NotFound where there is no such piece.
  PiecePointer open(std::size_t index);
  /// Tells "similar" {"pieces"}: the pieces most like `piece`, as `similar` has it, without the one
  /// of index `self`. In large collections those are compared whose place is near. What has not
  /// been read is read first.
  void find_similar(const PiecePointer& piece, std::size_t self, Job& job);

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

 private:
  void begin();
  void ask_for_work();
  void read_some();
  void read_while(const std::function<bool()>& goes_on);
  bool read_next(const MusicVae& model);
  void publish();
  void finish();
  std::vector<std::size_t> nearest(const Vector& vector, std::size_t self);
  std::vector<std::size_t> placed_now() const;

  Pieces& pieces_;
  JobQueue& jobs_;
  Workshop& workshop_;
  std::string model_;
  std::filesystem::path folder_;
  Collection collection_;
  bool has_own_ = false;
  std::uint64_t key_ = 0;

  std::mutex mutex_;  // Guards all that follows.
  bool has_begun_ = false, ready_ = false;
  std::weak_ptr<int> working_;  // Alive while a job is waiting or at work.
  std::size_t version_ = 0, next_ = 0, silent_ = 0, publish_at_ = 32;
  std::vector<Vector> vectors_;  // One for each piece that was read; empty where nothing sounds.
  std::vector<std::size_t> placed_;  // Indices of pieces that have a place.
  std::vector<Place> principal_, near_;
  std::string trouble_;  // What was wrong with the last piece that could not be read.

  std::atomic<bool> ending_ = false;
  std::thread placing_;
};

}  // namespace musicvae::studio
