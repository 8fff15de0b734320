#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/studio/server/http.hpp"

/// Long work that tells of its progress and can be stopped.
namespace musicvae::studio {

class Job : public std::enable_shared_from_this<Job> {
 public:
  /// Tells of something that has come about.
  void tell(const std::string& event, const nlohmann::json& data);
  /// Whether nobody wants the rest: it was stopped, or nobody has listened for a while.
  bool is_unwanted() const;

  void stop();
  /// What was told from event `next` on, as server-sent events, and then what is told from now on.
  NextText listen(std::size_t next);

 private:
  friend class JobQueue;
  void end();
  bool has_ended() const;

  mutable std::mutex mutex_;  // Guards all that follows.
  std::condition_variable changed_;
  std::vector<std::string> events_;
  bool stopped_ = false, ended_ = false;
  int listeners_ = 0;
  std::chrono::steady_clock::time_point left_ = std::chrono::steady_clock::now();
};

/// Does jobs one after the other on a thread of its own, as models work for one thread at a time.
class JobQueue {
 public:
  /// What a job does. An Error that it throws is told as the event "failed".
  using Work = std::function<void(Job&)>;

  JobQueue();
  ~JobQueue();  ///< Stops all.
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  /// Gives the job's id. Throws Error where too many wait.
  std::string start(Work work);
  /// Throws NotFound where there is none (any more).
  std::shared_ptr<Job> find(const std::string& id);
  /// Stops all that is done, and does nothing more.
  void end();

 private:
  struct Waiting {
    std::shared_ptr<Job> job;
    Work work;
  };
  void run();
  void forget_ended();

  std::mutex mutex_;  // Guards all that follows but the thread.
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::map<std::size_t, std::shared_ptr<Job>> jobs_;
  std::size_t started_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace musicvae::studio
