#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace musicvae::midi {

/// A walk over bytes that never leaves them: reading past the end gives zeros.
class ByteCursor {
 public:
  explicit ByteCursor(std::span<const std::byte> bytes)
      : begin_(reinterpret_cast<const std::uint8_t*>(bytes.data())),
        next_(begin_),
        end_(begin_ + bytes.size()) {}

  std::size_t offset() const { return static_cast<std::size_t>(next_ - begin_); }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - next_); }
  bool at_end() const { return next_ == end_; }

  std::uint8_t peek() const { return at_end() ? 0 : *next_; }
  std::uint8_t take() { return at_end() ? 0 : *next_++; }

  void skip(std::size_t count) { next_ += count < remaining() ? count : remaining(); }
  void seek(std::size_t offset) {
    next_ = begin_;
    skip(offset);
  }
  /// Ends the walk at `offset`, or where it ended before if that is nearer.
  void limit(std::size_t offset) {
    if (offset < static_cast<std::size_t>(end_ - begin_)) end_ = begin_ + offset;
  }

  std::uint32_t take_big_endian(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8 | take();
    return value;
  }

  std::uint32_t take_little_endian(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value |= static_cast<std::uint32_t>(take()) << (8 * i);
    return value;
  }

  /// A variable-length quantity: seven bits a byte, the top bit set on all but the last. Where it
  /// is longer than the standard's four bytes, its low 28 bits count.
  std::uint32_t take_variable_length() {
    std::uint8_t byte = take();
    std::uint32_t value = byte & 0x7Fu;
    while (byte & 0x80) {
      byte = take();
      value = value << 7 | (byte & 0x7Fu);
    }
    return value & 0x0FFF'FFFF;
  }

  /// The next `count` bytes, or those that are left.
  std::string_view take_text(std::size_t count) {
    const std::uint8_t* start = next_;
    skip(count);
    return {reinterpret_cast<const char*>(start), static_cast<std::size_t>(next_ - start)};
  }

 private:
  const std::uint8_t* begin_;
  const std::uint8_t* next_;
  const std::uint8_t* end_;
};

}  // namespace musicvae::midi
