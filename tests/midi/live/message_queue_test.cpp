#include "midi/live/message_queue.hpp"

#include <memory>
#include <thread>

#include "tests/catch.hpp"

namespace musicvae::midi {
namespace {

TimedMessage numbered(int number) {
  return {LiveClock::time_point(std::chrono::nanoseconds(number)), note_on(0, number % 128, 1)};
}

TEST_CASE("A queue gives what it was given, oldest first", "[midi][message_queue]") {
  const auto queue = std::make_unique<MessageQueue>();
  CHECK_FALSE(queue->pop());
  for (int i = 0; i < 3; ++i) CHECK(queue->push(numbered(i)));
  for (int i = 0; i < 3; ++i) CHECK(queue->pop()->time == numbered(i).time);
  CHECK_FALSE(queue->pop());
}

TEST_CASE("A full queue refuses messages and counts them", "[midi][message_queue]") {
  const auto queue = std::make_unique<MessageQueue>();
  for (std::size_t i = 0; i < MessageQueue::kCapacity; ++i) queue->push(numbered(1));
  CHECK_FALSE(queue->push(numbered(2)));
  CHECK_FALSE(queue->push(numbered(2)));
  CHECK(queue->overflowed() == 2);
  CHECK(queue->pop()->time == numbered(1).time);
  CHECK(queue->push(numbered(3)));
}

TEST_CASE("Messages cross from one thread to another whole and in order", "[midi][message_queue]") {
  constexpr int kMessages = 500'000;
  const auto queue = std::make_unique<MessageQueue>();
  std::thread writer([&] {
    for (int i = 0; i < kMessages;) {
      if (queue->push(numbered(i)))
        ++i;
      else
        std::this_thread::yield();
    }
  });
  int wrong = 0;
  for (int i = 0; i < kMessages;) {
    const auto message = queue->pop();
    if (!message) {
      std::this_thread::yield();
      continue;
    }
    if (message->time != numbered(i).time || message->message != numbered(i).message) ++wrong;
    ++i;
  }
  writer.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace musicvae::midi
