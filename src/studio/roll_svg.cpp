#include "src/studio/roll_svg.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "midi/orchestra.hpp"
#include "midi/text.hpp"
#include "src/base/error.hpp"
#include "src/base/text.hpp"
#include "src/music/bar_lines.hpp"

namespace musicvae::studio {
namespace {

constexpr double kPixelsPerQuarter = 24, kRow = 6, kLeft = 16, kTop = 56, kRight = 16, kBottom = 40;
constexpr int kMarginRows = 2;
constexpr int kNumberedBars = 4;
constexpr std::size_t kMostNotes = 100'000, kMostNames = 12;
constexpr std::array kColours = {"#c0700a", "#0c857c", "#6b4fc4", "#b03f78", "#57801c", "#2367b4"};

/// Text as XML takes it.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char letter : printable(text)) {
    if (letter == '&')
      out += "&amp;";
    else if (letter == '<')
      out += "&lt;";
    else if (letter == '>')
      out += "&gt;";
    else
      out += letter;
  }
  return out;
}

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

class Drawing {
 public:
  Drawing(const midi::Score& score, std::string title)
      : score_(score), title_(std::move(title)), orchestra_(midi::find_orchestra(score)) {
    for (std::size_t i = 0; i < orchestra_.voices.size(); ++i) {
      voice_of_[{orchestra_.voices[i].track, orchestra_.voices[i].channel}] = i;
    }
    for (const midi::Track& track : score.tracks) {
      for (const midi::Note& note : track.notes) {
        low_ = std::min<int>(low_, note.pitch);
        high_ = std::max<int>(high_, note.pitch);
      }
    }
    if (low_ > high_) low_ = high_ = 60;
    width_ = kLeft + x(midi::end_time(score)) + kRight;
    height_ = kTop + (high_ - low_ + 1 + 2 * kMarginRows) * kRow + kBottom;
  }

  std::string text() const {
    std::string svg = format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 "
        "%.0f %.0f\" font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">\n",
        width_, height_, width_, height_);
    svg += "<title>" + escaped(title_) + "</title>\n";
    svg += "<rect width=\"100%\" height=\"100%\" fill=\"#fffdf8\"/>\n";
    svg += format("<text x=\"%g\" y=\"24\" font-size=\"17\" fill=\"#23202c\">", kLeft) +
           escaped(title_) + "</text>\n";
    return svg + rows() + bars() + notes() + names() + "</svg>\n";
  }

 private:
  double x(midi::Ticks time) const {
    const auto& division = score_.division;
    const double quarter = division.is_smpte()
                               ? division.frames_per_second * division.ticks_per_frame / 2.0
                               : division.ticks_per_quarter;
    return static_cast<double>(time.count) / quarter * kPixelsPerQuarter;
  }
  double y(int pitch) const { return kTop + (high_ + kMarginRows - pitch) * kRow; }

  std::string rows() const {
    constexpr std::array kBlack = {false, true,  false, true,  false, false,
                                   true,  false, true,  false, true,  false};
    std::string svg;
    for (int pitch = low_ - kMarginRows; pitch <= high_ + kMarginRows; ++pitch) {
      if (!kBlack[std::size_t(pitch + 12) % 12]) continue;
      svg += format("<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"#f5f0e6\"/>\n",
                    kLeft, y(pitch), width_ - kLeft - kRight, kRow);
    }
    return svg;
  }

  /// Nothing where the score has no bars, as in SMPTE time.
  std::string bars() const try {
    const BarLines lines(score_);
    std::string svg;
    for (int bar = lines.first(); bar <= lines.last(); ++bar) {
      const double at = kLeft + x(lines.start(bar));
      svg += format("<path d=\"M%g %gV%g\" stroke=\"#ddd5c6\"/>\n", at, kTop, height_ - kBottom);
      if ((bar - 1) % kNumberedBars != 0) continue;
      svg += format("<text x=\"%g\" y=\"%g\" fill=\"#655f70\">%d</text>\n", at + 2, kTop - 5, bar);
    }
    return svg;
  } catch (const Error&) {
    return {};
  }

  std::string notes() const {
    std::string svg;
    std::size_t count = 0;
    for (std::size_t track = 0; track < score_.tracks.size(); ++track) {
      for (const midi::Note& note : score_.tracks[track].notes) {
        if (++count > kMostNotes) return svg;
        const std::size_t voice = voice_of_.at({track, note.channel});
        svg += format(
            "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" rx=\"2\" fill=\"%s\" "
            "opacity=\"%.2f\"/>\n",
            kLeft + x(note.onset), y(note.pitch) + 0.5, std::max(1.5, x(note.duration) - 1),
            kRow - 1, kColours[voice % kColours.size()], 0.5 + note.velocity / 254.0);
      }
    }
    return svg;
  }

  std::string names() const {
    std::string svg;
    double at = kLeft;
    const std::size_t count = std::min(kMostNames, orchestra_.voices.size());
    for (std::size_t i = 0; i < count; ++i) {
      std::string name = cut_to(midi::decode_text(orchestra_.voices[i].name), 24);
      if (name.empty()) name = "part " + std::to_string(i + 1);
      svg += format("<rect x=\"%g\" y=\"%g\" width=\"14\" height=\"7\" rx=\"3\" fill=\"%s\"/>\n",
                    at, height_ - 22, kColours[i % kColours.size()]);
      svg += format("<text x=\"%g\" y=\"%g\" fill=\"#655f70\">", at + 20, height_ - 14) +
             escaped(name) + "</text>\n";
      at += 40 + 7.5 * static_cast<double>(name.size());
    }
    return svg;
  }

  const midi::Score& score_;
  std::string title_;
  midi::Orchestra orchestra_;
  std::map<std::pair<std::size_t, int>, std::size_t> voice_of_;  // By track and channel.
  int low_ = midi::kPitches, high_ = -1;
  double width_ = 0, height_ = 0;
};

}  // namespace

std::string roll_svg(const midi::Score& score, const std::string& title) {
  return Drawing(score, title).text();
}

}  // namespace musicvae::studio
