#include "src/studio/report.hpp"

#include <string_view>

#include "src/studio/assets.hpp"
#include "src/studio/piece_json.hpp"

namespace musicvae::studio {
namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view three = bytes.substr(i, 3);
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (j < three.size() ? static_cast<unsigned char>(three[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= three.size() ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// JSON that ends no element of HTML.
std::string embedded(const nlohmann::json& json) {
  std::string text = dump(json);
  replace_all(text, "<", "\\u003c");
  return text;
}

/// The page's modules, which know each other by their names alone: the address of a module that
/// stands in the page is no folder in which others could be found.
nlohmann::json import_map() {
  auto imports = nlohmann::json::object();
  for (const Asset& asset : assets()) {
    if (!asset.name.ends_with(".js")) continue;
    std::string module(asset.bytes);
    replace_all(module, "from './", "from '");
    imports[std::string(asset.name)] = "data:text/javascript;base64," + base64(module);
  }
  return {{"imports", imports}};
}

nlohmann::json with_file(const HeldPiece& piece) {
  auto json = to_json(piece);
  json["midi"] = base64({reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size()});
  return json;
}

std::string asset_text(std::string_view name) { return std::string(find_asset(name)->bytes); }

}  // namespace

std::string report_page(const std::string& title, const std::vector<PiecePointer>& pieces) {
  auto list = nlohmann::json::array();
  for (const auto& piece : pieces) list.push_back(with_file(*piece));
  std::string page = asset_text("report.html");
  const auto fill = [&](std::string_view place, const std::string& text) {
    const auto at = page.find(place);
    if (at != page.npos) page.replace(at, place.size(), text);
  };
  // What comes from outside goes in last, so that nothing in it is taken for a place.
  fill("/*STYLE*/", asset_text("style.css"));
  fill("%ICON%", base64(asset_text("icon.svg")));
  fill("%IMPORTS%", embedded(import_map()));
  fill("%PIECES%", embedded({{"title", title}, {"pieces", list}}));
  return page;
}

}  // namespace musicvae::studio
