#include "src/studio/jobs.hpp"

#include <charconv>
#include <utility>

#include "src/base/error.hpp"
#include "src/studio/piece_json.hpp"
#include "src/studio/pieces.hpp"

namespace musicvae::studio {
namespace {

constexpr std::size_t kMostWaiting = 64;
constexpr std::size_t kMostKept = 256;
constexpr std::chrono::seconds kPatience{20};            // With a page that does not listen.
constexpr std::chrono::milliseconds kWakeInterval{500};  // After which a listener may have left.

}  // namespace

void Job::tell(const std::string& event, const nlohmann::json& data) {
  const std::lock_guard lock(mutex_);
  const std::string id = std::to_string(events_.size() + 1);
  events_.push_back("id: " + id + "\nevent: " + event + "\ndata: " + dump(data) + "\n\n");
  changed_.notify_all();
}

bool Job::is_unwanted() const {
  const std::lock_guard lock(mutex_);
  const bool left = listeners_ == 0 && std::chrono::steady_clock::now() - left_ > kPatience;
  return stopped_ || left;
}

void Job::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

bool Job::has_ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void Job::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

NextText Job::listen(std::size_t next) {
  // Counts one listener as long as a copy of it lives.
  class Presence {
   public:
    explicit Presence(std::shared_ptr<Job> job) : job_(std::move(job)) {
      const std::lock_guard lock(job_->mutex_);
      ++job_->listeners_;
    }
    ~Presence() {
      const std::lock_guard lock(job_->mutex_);
      --job_->listeners_;
      job_->left_ = std::chrono::steady_clock::now();
    }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

   private:
    std::shared_ptr<Job> job_;
  };
  const auto presence = std::make_shared<Presence>(shared_from_this());
  return [this, presence, next]() mutable -> std::optional<std::string> {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kWakeInterval, [&] { return ended_ || next < events_.size(); });
    if (next >= events_.size()) return ended_ ? std::nullopt : std::optional<std::string>("");
    std::string text;
    while (next < events_.size()) text += events_[next++];
    return text;
  };
}

JobQueue::JobQueue() : thread_([this] { run(); }) {}

JobQueue::~JobQueue() {
  end();
  thread_.join();
}

std::string JobQueue::start(Work work) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostWaiting) {
    throw Error("too much work waits already; stop some, or try again in a while");
  }
  forget_ended();
  const auto job = std::make_shared<Job>();
  if (ending_) job->stop();
  jobs_[++started_] = job;
  waiting_.push_back({job, std::move(work)});
  changed_.notify_all();
  return std::to_string(started_);
}

std::shared_ptr<Job> JobQueue::find(const std::string& id) {
  std::size_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(number);
  if (found == jobs_.end() || std::to_string(number) != id) {
    throw NotFound("there is no job '" + id + "' (any more)");
  }
  return found->second;
}

void JobQueue::forget_ended() {
  for (auto at = jobs_.begin(); at != jobs_.end() && jobs_.size() >= kMostKept;) {
    at = at->second->has_ended() ? jobs_.erase(at) : std::next(at);
  }
}

void JobQueue::end() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  for (const auto& [number, job] : jobs_) job->stop();
  changed_.notify_all();
}

void JobQueue::run() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      if (!next.job->is_unwanted()) next.work(*next.job);
      next.job->tell(next.job->is_unwanted() ? "stopped" : "done", nlohmann::json::object());
    } catch (const std::exception& error) {
      next.job->tell("failed", {{"error", error.what()}});
    }
    next.job->end();
  }
}

}  // namespace musicvae::studio
