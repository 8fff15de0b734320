#include "src/studio/api.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <future>
#include <limits>
#include <set>
#include <sstream>

#include "src/base/file.hpp"
#include "src/music/model_files.hpp"
#include "src/music/version.hpp"
#include "src/studio/assets.hpp"
#include "src/studio/piece_json.hpp"
#include "src/studio/runs.hpp"
#include "src/studio/server/admission.hpp"

namespace musicvae::studio {
namespace {

using nlohmann::json;

constexpr const char* kMusicFolder = "music/";
constexpr std::size_t kMostFileBytes = std::size_t{16} << 20;
constexpr std::size_t kMostNameLetters = 200;
constexpr std::size_t kNoRecords = std::numeric_limits<std::size_t>::max();

HttpReply reply(const json& value) {
  return {200, "application/json", std::make_shared<const std::string>(dump(value))};
}

HttpReply not_found() { return error_reply(404, "there is nothing at this address"); }

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::istringstream stream(path);
  for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
  if (!parts.empty() && parts.front().empty()) parts.erase(parts.begin());
  return parts;
}

std::string type_of(std::string_view name) {
  constexpr std::pair<std::string_view, const char*> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".mid", "audio/midi"}};
  for (const auto& [end, type] : kTypes) {
    if (name.ends_with(end)) return type;
  }
  return "application/octet-stream";
}

/// A name that saves nothing outside the folder of downloads, and breaks no header.
std::string safe_name(std::string name) {
  const auto slash = name.find_last_of("/\\");
  if (slash != name.npos) name.erase(0, slash + 1);
  for (char& letter : name) {
    const auto code = static_cast<unsigned char>(letter);
    if (code < 0x20 || code == 0x7f || letter == '"') letter = '_';
  }
  if (name.size() > kMostNameLetters) name.erase(kMostNameLetters);
  return name.empty() || name == "." || name == ".." ? "music.mid" : name;
}

HttpReply download(std::shared_ptr<const std::string> bytes, const char* type,
                   const std::string& name) {
  return {200,
          type,
          std::move(bytes),
          nullptr,
          {{"Content-Disposition", "attachment; filename=\"" + safe_name(name) + "\""}}};
}

HttpReply asset_reply(const std::string& path) {
  const Asset* const asset = find_asset(path.empty() ? "index.html" : path);
  if (asset == nullptr) return not_found();
  return {200, type_of(asset->name), std::make_shared<const std::string>(asset->bytes)};
}

json models_at_hand() {
  std::set<std::string> names;
  for (const auto& folder : model_directories()) {
    std::error_code absent;
    for (const auto& entry : std::filesystem::directory_iterator(folder, absent)) {
      if (entry.path().extension() == ".safetensors") names.insert(entry.path().stem().string());
    }
  }
  return names;
}

/// Names of what new music can have more or less of; none where the model's were not measured.
json attributes_at_hand(const std::string& model) {
  auto names = json::array();
  try {
    if (!std::filesystem::exists(attributes_beside(find_model(model)))) return names;
  } catch (const Error&) {
    return names;  // There is no such model, which is said when it is needed.
  }
  for (const auto& measure : datasets::attribute_measures()) names.push_back(measure.name);
  return names;
}

json music_in_the_box() {
  auto names = json::array();
  for (const Asset& asset : assets()) {
    if (asset.name.starts_with(kMusicFolder)) {
      names.push_back(asset.name.substr(std::string_view(kMusicFolder).size()));
    }
  }
  return names;
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string query(const HttpRequest& request, const std::string& name, const std::string& usual) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? usual : found->second;
}

/// What a browser is told of every answer.
void harden(HttpReply& reply) {
  const std::pair<std::string, std::string> kHeaders[] = {
      {"Content-Security-Policy",
       "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"Referrer-Policy", "no-referrer"},  // The address holds the token.
      {"X-Content-Type-Options", "nosniff"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cache-Control", "no-store"}};
  reply.headers.insert(reply.headers.end(), std::begin(kHeaders), std::end(kHeaders));
}

}  // namespace

Api::Api(const ApiOptions& options)
    : options_(options),
      sounds_(options.synth),
      workshop_(pieces_, options.device, options.threads),
      atlas_(pieces_, jobs_, workshop_, default_model(), options.maps) {
  // The first walk need not wait for it then. What is wrong with it is said when it is needed.
  jobs_.start([this](Job&) { workshop_.load(default_model()); });
}

std::string Api::default_model() const {
  return options_.model.empty() ? kDefaultModel : options_.model;
}

void Api::open(const std::string& path) {
  if (is_run(path)) {
    runs_.push_back(path);
    return;
  }
  if (std::filesystem::is_directory(path) || datasets::Corpus::is_corpus(path)) {
    atlas_.add(path);
    maps_.push_back(path);
    return;
  }
  atlas_.add_piece(path);
  try {
    for (const auto& piece : pieces_.add_file(path, read_file(path, kMostFileBytes))) {
      opened_.push_back(piece->id);
    }
  } catch (const midi::MidiError& error) {
    throw Error(path + ": " + error.what());
  }
}

HttpReply Api::answer(const HttpRequest& request) {
  HttpReply answer;
  try {
    answer = dispatch(request);
  } catch (const NotFound& error) {
    answer = error_reply(404, error.what());
  } catch (const Error& error) {
    answer = error_reply(400, error.what());
  } catch (const std::exception& error) {
    answer = error_reply(500, error.what());
  }
  harden(answer);
  return answer;
}

HttpReply Api::dispatch(const HttpRequest& request) {
  const auto parts = split(request.path);
  const bool is_api = parts.size() >= 3 && parts[0] == "api" && parts[1] == "v1";
  if (!is_api) {
    return request.method == "GET" ? asset_reply(request.path.substr(1)) : not_found();
  }
  const std::vector<std::string> path(parts.begin() + 2, parts.end());
  if (request.method == "GET") return get(path, request);
  if (request.method == "POST") return post(path, request);
  if (request.method == "DELETE" && path.size() == 2 && path[0] == "jobs") {
    jobs_.find(path[1])->stop();
    return reply(json::object());
  }
  return not_found();
}

HttpReply Api::get(const std::vector<std::string>& path, const HttpRequest& request) {
  if (path.size() == 1 && path[0] == "state") return state();
  if (path.size() == 1 && path[0] == "sound") return sound_check();
  if (path.size() >= 2 && path[0] == "pieces") return get_piece(path, request);
  if (path.size() == 2 && path[0] == "runs") return get_run(path[1], request);
  if (path.size() == 1 && path[0] == "map") {
    return reply(atlas_.tell(query(request, "names", "0") == "1"));
  }
  if (path.size() == 3 && path[0] == "jobs" && path[2] == "events") {
    std::size_t told = 0;
    const std::string last = request.header("last-event-id").value_or("0");
    std::from_chars(last.data(), last.data() + last.size(), told);
    return {200, "text/event-stream", nullptr, jobs_.find(path[1])->listen(told)};
  }
  return not_found();
}

HttpReply Api::get_run(const std::string& number, const HttpRequest& request) {
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (std::to_string(i) != number) continue;
    const std::string from = query(request, "from", "0");
    std::size_t first = 0;
    std::from_chars(from.data(), from.data() + from.size(), first);
    return reply(run_records(runs_[i], first));
  }
  return not_found();
}

HttpReply Api::open_sample(const std::string& number, const HttpRequest& request) {
  const Fields fields(request.body, {"step"});
  const int step = fields.number("step", 0, std::numeric_limits<int>::max(), 0);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (std::to_string(i) != number) continue;
    const auto file = run_sample(runs_[i], step);
    const auto bytes = read_file(file, kMostFileBytes);
    return reply({{"piece", to_json(*pieces_.add_file(file.string(), bytes).front())}});
  }
  return not_found();
}

HttpReply Api::get_piece(const std::vector<std::string>& path, const HttpRequest& request) {
  const auto piece = pieces_.find(path[1]);
  if (path.size() == 2) return reply(to_json(*piece));
  if (path.size() != 3) return not_found();
  if (path[2] == "midi") {
    auto bytes = std::make_shared<const std::string>(
        reinterpret_cast<const char*>(piece->bytes.data()), piece->bytes.size());
    return download(std::move(bytes), "audio/midi", piece->name);
  }
  return path[2] == "sound" ? sound(*piece, request) : not_found();
}

HttpReply Api::sound(const HeldPiece& piece, const HttpRequest& request) {
  const std::string format = query(request, "format", "wav");
  if (format != "wav" && format != "flac") throw BadRequest("the format must be wav or flac");
  const bool is_wav = format == "wav";
  auto bytes = sounds_.file(piece, is_wav ? SoundFormat::kWav : SoundFormat::kFlac);
  const std::string stem = std::filesystem::path(piece.name).stem().string();
  return download(std::move(bytes), is_wav ? "audio/wav" : "audio/flac", stem + "." + format);
}

HttpReply Api::post(const std::vector<std::string>& path, const HttpRequest& request) {
  const std::string what = path.size() == 1 ? path[0] : "";
  if (what == "pieces") {
    return add_pieces(safe_name(query(request, "name", "music.mid")), request.body);
  }
  if (path.size() == 2 && path[0] == "box") {
    const Asset* const asset = find_asset(kMusicFolder + path[1]);
    return asset == nullptr ? not_found() : add_pieces(path[1], asset->bytes);
  }
  if (what == "between") return start_way(request);
  if (path.size() == 2 && path[0] == "between" && path[1] == "at") return make_place(request);
  if (what == "fill") return start_takes(request);
  if (what == "palette") return start_palette(request);
  if (path.size() == 2 && path[0] == "palette" && path[1] == "at") return make_on_palette(request);
  if (what == "steer") return start_steering(request);
  if (path.size() == 2 && path[0] == "map") return post_map(path, request);
  if (path.size() == 2 && path[0] == "runs") return open_sample(path[1], request);
  return not_found();
}

HttpReply Api::state() {
  auto opened = json::array();
  for (const std::string& id : opened_) opened.push_back(to_json(*pieces_.find(id)));
  auto runs = json::array();
  for (const std::string& run : runs_) runs.push_back(run_records(run, kNoRecords).at("name"));
  return reply({{"version", version()},
                {"model", default_model()},
                {"models", models_at_hand()},
                {"attributes", attributes_at_hand(default_model())},
                {"box", music_in_the_box()},
                {"runs", std::move(runs)},
                {"maps", maps_},
                {"opened", std::move(opened)}});
}

HttpReply Api::sound_check() const { return reply({{"complaint", sounds_.complaint()}}); }

HttpReply Api::add_pieces(const std::string& name, std::string_view bytes) {
  auto added = json::array();
  for (const auto& piece : pieces_.add_file(name, as_bytes(bytes))) {
    added.push_back(to_json(*piece));
  }
  return reply({{"pieces", std::move(added)}});
}

namespace {

/// A model's file is named by whoever started the program, and never by a page.
std::string model_of(const Fields& fields, const std::string& usual, const std::string& given) {
  const auto name = fields.optional_text("model");
  if (!name || *name == given) return usual;
  const json models = models_at_hand();
  if (std::find(models.begin(), models.end(), *name) == models.end()) {
    throw BadRequest("there is no model '" + *name + "' at hand");
  }
  return *name;
}

Fields way_fields(const HttpRequest& request) {
  return {request.body,
          {"a", "b", "steps", "bars", "length", "temperature", "seed", "at", "model"}};
}

}  // namespace

HttpReply Api::start_way(const HttpRequest& request) {
  const Fields fields = way_fields(request);
  auto way = way_request(fields, pieces_, model_of(fields, default_model(), options_.model));
  way.options.places.clear();
  return reply({{"job", jobs_.start([this, way](Job& job) { workshop_.make_way(way, job); })}});
}

HttpReply Api::make_place(const HttpRequest& request) {
  const Fields fields = way_fields(request);
  const auto way = way_request(fields, pieces_, model_of(fields, default_model(), options_.model));
  if (way.options.places.empty()) throw BadRequest("the field 'at' is missing");
  return reply_of_job([this, way] { return json{{"piece", to_json(*workshop_.make_place(way))}}; });
}

HttpReply Api::reply_of_job(const std::function<json()>& work) {
  auto made = std::make_shared<std::promise<json>>();
  auto result = made->get_future();
  jobs_.start([work, made](Job&) {
    try {
      made->set_value(work());
    } catch (...) {
      made->set_exception(std::current_exception());
    }
  });
  made.reset();  // Where the job is dropped, so is the promise, and get() throws.
  return reply(result.get());
}

HttpReply Api::start_takes(const HttpRequest& request) {
  const Fields fields(request.body, {"piece", "bars", "takes", "keep", "track", "temperature",
                                     "seed", "candidates", "model"});
  auto gap = gap_request(fields, pieces_, model_of(fields, options_.model, options_.model));
  return reply({{"job", jobs_.start([this, gap](Job& job) { workshop_.make_takes(gap, job); })}});
}

HttpReply Api::start_palette(const HttpRequest& request) {
  const Fields fields(request.body,
                      {"corners", "size", "bars", "same_key", "temperature", "seed", "model"});
  auto asked = palette_request(fields, pieces_, model_of(fields, default_model(), options_.model));
  return reply(
      {{"job", jobs_.start([this, asked](Job& job) { workshop_.make_palette(asked, job); })}});
}

HttpReply Api::make_on_palette(const HttpRequest& request) {
  const Fields fields(request.body,
                      {"corners", "bars", "same_key", "points", "temperature", "seed", "model"});
  auto asked = palette_request(fields, pieces_, model_of(fields, default_model(), options_.model));
  if (asked.points.empty()) throw BadRequest("the field 'points' is missing");
  return reply_of_job([this, asked] { return workshop_.make_on_palette(asked); });
}

HttpReply Api::start_steering(const HttpRequest& request) {
  const Fields fields(request.body,
                      {"piece", "similarity", "attributes", "key", "temperature",
                       "latent_temperature", "seed", "bars", "meter", "tempo", "program", "model"});
  auto asked = steer_request(fields, pieces_, model_of(fields, default_model(), options_.model));
  return reply(
      {{"job", jobs_.start([this, asked](Job& job) { workshop_.make_steered(asked, job); })}});
}

HttpReply Api::post_map(const std::vector<std::string>& path, const HttpRequest& request) {
  const Fields fields(request.body, {"index", "piece"});
  constexpr int kMost = std::numeric_limits<int>::max();
  const int given = fields.number("index", 0, kMost, -1);
  const std::size_t index = given < 0 ? Atlas::kNone : static_cast<std::size_t>(given);
  if (path[1] == "open") return reply({{"piece", to_json(*atlas_.open(index))}});
  if (path[1] != "similar") return not_found();
  const auto piece = given < 0 ? pieces_.find(fields.text("piece")) : atlas_.open(index);
  return reply({{"job", jobs_.start([this, piece, index](Job& job) {
                   atlas_.find_similar(piece, index, job);
                 })}});
}

}  // namespace musicvae::studio
