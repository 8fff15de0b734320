#include "src/base/standard_streams.hpp"

#include <cstddef>
#include <fcntl.h>
#include <iostream>
#include <streambuf>
#include <string>
#include <unistd.h>

#include "src/base/error.hpp"
#include "src/base/text.hpp"

namespace musicvae {
namespace {

constexpr std::size_t kMostHeld = std::size_t{1} << 16;

/// Takes the number of a closed stream by what cannot be read or written, as the stream is.
void reserve(int descriptor, int other_way) {
  if (::fcntl(descriptor, F_GETFD) >= 0) return;
  const int opened = ::open("/dev/null", other_way);
  if (opened < 0 || opened == descriptor) return;
  ::dup2(opened, descriptor);
  ::close(opened);
}

}  // namespace

/// Stands before the buffer of a stream while it lives.
class StandardStreams::Filter : public std::streambuf {
 public:
  explicit Filter(std::ostream& stream) : stream_(stream), target_(stream.rdbuf(this)) {}
  ~Filter() override {
    pass_on(held_.size());
    stream_.rdbuf(target_);
  }

 protected:
  int_type overflow(int_type letter) override {
    if (traits_type::eq_int_type(letter, traits_type::eof())) return letter;
    const char text = traits_type::to_char_type(letter);
    return xsputn(&text, 1) == 1 ? letter : traits_type::eof();
  }

  std::streamsize xsputn(const char* text, std::streamsize count) override {
    held_.append(text, static_cast<std::size_t>(count));
    if (held_.size() < kMostHeld) return count;
    // A whole line, as a character may not be whole yet.
    const std::size_t end = held_.rfind('\n');
    return pass_on(end == std::string::npos ? held_.size() : end + 1) ? count : 0;
  }

  int sync() override { return pass_on(held_.size()) ? target_->pubsync() : -1; }

 private:
  bool pass_on(std::size_t count) {
    const std::string text = printable(std::string_view(held_).substr(0, count), "\n\t");
    held_.erase(0, count);
    const auto size = static_cast<std::streamsize>(text.size());
    return target_->sputn(text.data(), size) == size;
  }

  std::ostream& stream_;
  std::streambuf* target_;
  std::string held_;
};

StandardStreams::StandardStreams() {
  reserve(STDIN_FILENO, O_WRONLY);
  reserve(STDOUT_FILENO, O_RDONLY);
  reserve(STDERR_FILENO, O_RDONLY);
  out_ = std::make_unique<Filter>(std::cout);
  err_ = std::make_unique<Filter>(std::cerr);
}

StandardStreams::~StandardStreams() = default;

void StandardStreams::finish() {
  std::cout.flush();
  if (!std::cout) {
    throw Error("cannot write to standard output; check that it is open and its disk not full");
  }
}

}  // namespace musicvae
