#include "src/commands/making/showing.hpp"

#include <cstdio>
#include <filesystem>
#include <span>
#include <utility>

#include "src/base/file.hpp"
#include "src/studio/report.hpp"
#include "src/studio/roll_svg.hpp"

namespace musicvae::commands {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{16} << 20;

/// "roll-02.svg" from "roll.svg" and 2.
std::string numbered(const std::string& path, std::size_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "-%02zu", number);
  std::filesystem::path file(path);
  const std::string name = file.stem().string() + text + file.extension().string();
  return file.replace_filename(name).string();
}

void draw(const std::string& file, const std::string& output) {
  const std::string title = std::filesystem::path(file).stem().string();
  const std::string svg = studio::roll_svg(midi::read_midi_file(file).score, title);
  write_file_atomically(output, std::as_bytes(std::span(svg)));
}

}  // namespace

void add_show_options(CLI::App& command, ShowRequest& request) {
  command
      .add_option("--report", request.report,
                  "Write also a page with what is made, and what it is made from, to see and hear")
      ->type_name("HTML");
  command
      .add_option("--svg", request.svg,
                  "Draw also what is made as a piano roll; of several pieces each, as NAME-01.svg")
      ->type_name("SVG");
}

void check_show(const ShowRequest& request, const std::string& output) {
  for (const auto& [flag, path] : {std::pair("--report", request.report), {"--svg", request.svg}}) {
    if (path.empty()) continue;
    if (output == "-" || path == "-") {
      throw UsageError(std::string(flag) + " goes with files; name one, and one with -o");
    }
    check_writable(path);
  }
}

void show_made(const ShowRequest& request, const std::vector<std::string>& inputs,
               const std::vector<std::string>& files, const CommonOptions& common) {
  if (files.empty()) return;
  if (!request.report.empty()) {
    std::vector<std::string> all;
    for (const std::string& input : inputs) {
      if (input != "-") all.push_back(input);
    }
    all.insert(all.end(), files.begin(), files.end());
    write_report(all, std::filesystem::path(request.report).stem().string(), request.report);
    log(common, request.report + " shows it; open it in a browser");
  }
  for (std::size_t i = 0; !request.svg.empty() && i < files.size(); ++i) {
    draw(files[i], files.size() == 1 ? request.svg : numbered(request.svg, i + 1));
  }
}

std::size_t write_report(const std::vector<std::string>& files, const std::string& title,
                         const std::string& output) {
  studio::Pieces pieces;
  std::vector<studio::PiecePointer> shown;
  for (const std::string& file : files) {
    const auto added =
        for_flag(file, [&] { return pieces.add_file(file, read_file(file, kMostFileBytes)); });
    shown.insert(shown.end(), added.begin(), added.end());
  }
  const std::string page = studio::report_page(title, shown);
  write_file_atomically(output, std::as_bytes(std::span(page)));
  return shown.size();
}

}  // namespace musicvae::commands
