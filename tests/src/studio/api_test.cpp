#include "src/studio/api.hpp"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "midi/file/reader.hpp"
#include "src/base/random.hpp"
#include "src/studio/assets.hpp"
#include "tests/catch.hpp"
#include "tests/src/studio/client.hpp"
#include "tests/temporary_folder.hpp"

using namespace musicvae::studio;
using Catch::Contains;
using musicvae::test::Client;
using musicvae::test::read_text;

namespace {

const std::string kGreensleeves = "datasets/bundled/greensleeves.mid";

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("A file that is opened comes back with its notes, bars and bytes", "[studio]") {
  Client client;
  const auto piece = client.open(kGreensleeves);
  CHECK(piece.at("name") == "greensleeves.mid");
  CHECK(piece.at("notes").at("pitch").size() == 89);
  CHECK(piece.at("bars").size() == 18);
  CHECK(piece.at("first_bar") == 1);
  CHECK(piece.at("meters").at(1).at("meter") == "6/8");
  const auto midi =
      client.ask("GET", "/api/v1/pieces/" + piece.at("id").get<std::string>() + "/midi");
  CHECK(*midi.body == read_text(kGreensleeves));
  CHECK(client.open(kGreensleeves).at("id") == piece.at("id"));
}

TEST_CASE("A file that is no music is refused in the reader's words", "[studio]") {
  Client client;
  const auto reply = client.ask("POST", "/api/v1/pieces", "no music at all", {{"name", "x.mid"}});
  CHECK(reply.status == 400);
  CHECK_THAT(*reply.body, Contains("MThd"));
}

TEST_CASE("The way between two pieces is told step by step", "[studio]") {
  Client client;
  const auto a = client.open(kGreensleeves), b = client.open("datasets/bundled/folia.mid");
  const std::string events = client.events(client.json(
      "POST", "/api/v1/between",
      nlohmann::json{{"a", a.at("id")}, {"b", b.at("id")}, {"steps", 3}, {"bars", 4}}.dump()));
  CHECK(count_of(events, "event: step\n") == 3);
  CHECK(count_of(events, "event: walk\n") == 1);
  CHECK(count_of(events, "event: done\n") == 1);
  CHECK_THAT(events, Contains("musicvae interpolate greensleeves.mid folia.mid --bars 4 --model "
                              "lute-folk --seed 1 --steps 3 -o greensleeves-folia.mid"));
}

TEST_CASE("Work that nobody wants ends early", "[studio]") {
  Client client;
  const auto a = client.open(kGreensleeves), b = client.open("datasets/bundled/folia.mid");
  const auto started =
      client.json("POST", "/api/v1/between",
                  nlohmann::json{{"a", a.at("id")}, {"b", b.at("id")}, {"steps", 64}}.dump());
  client.json("DELETE", "/api/v1/jobs/" + started.at("job").get<std::string>());
  const std::string events = client.events(started);
  CHECK(count_of(events, "event: step\n") < 64);
  CHECK(count_of(events, "event: stopped\n") == 1);
}

TEST_CASE("Requests that make no sense are refused with what is wrong", "[studio]") {
  Client client;
  const auto refused = [&](const std::string& path, const std::string& body) {
    const auto reply = client.ask("POST", "/api/v1/" + path, body);
    CHECK(reply.status >= 400);
    CHECK(reply.status < 500);
    return *reply.body;
  };
  const std::string id = client.open(kGreensleeves).at("id");
  CHECK_THAT(refused("between", "{"), Contains("request"));
  CHECK_THAT(refused("between", "[]"), Contains("object"));
  CHECK_THAT(refused("between", R"({"a": "p1"})"), Contains("'b' is missing"));
  CHECK_THAT(refused("between", R"({"a": "p1", "b": "p99"})"), Contains("no piece 'p99'"));
  CHECK_THAT(refused("between", R"({"a": "p1", "b": "p1", "steps": 65})"), Contains("2 to 64"));
  CHECK_THAT(refused("between", R"({"a": "p1", "b": "p1", "model": "../../etc/passwd"})"),
             Contains("no model"));
  CHECK_THAT(refused("between", R"({"a": "p1", "b": "p1", "stepps": 5})"), Contains("'stepps'"));
  CHECK_THAT(refused("between/at", R"({"a": "p1", "b": "p1"})"), Contains("'at' is missing"));
  CHECK_THAT(refused("between/at", R"({"a": "p1", "b": "p1", "at": 1.5})"), Contains("0 to 1"));
  CHECK_THAT(refused("fill", R"({"piece": "p1", "bars": "1", "keep": "all"})"), Contains("'keep'"));
  CHECK_THAT(refused("fill", R"({"piece": "p1", "bars": "1", "seed": -1})"), Contains("'seed'"));
  const auto events =
      client.events(client.json("POST", "/api/v1/fill", R"({"piece": "p1", "bars": "90-95"})"));
  CHECK_THAT(events, Contains("event: failed"));
  CHECK_THAT(events, Contains("bar 90"));
}

TEST_CASE("No path leads to what is not part of the page", "[studio]") {
  Client client;
  for (const char* path :
       {"/../../etc/passwd", "/..%2f..%2fetc/passwd", "/music/../index.html", "//etc/passwd",
        "/index.html/..", "/.", "/..", "/music/", "/music", "/api", "/api/v1", "/api/v1/",
        "/api/v1/pieces/../state", "/api/v1/pieces", "/api/v1/jobs/1", "/api/v1/jobs/x/events",
        "/api/v1/jobs/-1/events", "/api/v2/state", "/api/v1/pieces/p1/../../state"}) {
    INFO(path);
    CHECK(client.ask("GET", path).status == 404);
  }
  CHECK(client.ask("GET", "/").status == 200);
  CHECK(client.ask("POST", "/api/v1/box/../index.html").status == 404);
  CHECK(client.ask("POST", "/index.html").status == 404);
}

TEST_CASE("Names that come with files break no header and lead to no folder", "[studio]") {
  Client client;
  const auto named = [&](const std::string& name) {
    const auto piece =
        client.json("POST", "/api/v1/pieces", read_text(kGreensleeves), {{"name", name}});
    const std::string id = piece.at("pieces").at(0).at("id");
    const auto reply = client.ask("GET", "/api/v1/pieces/" + id + "/midi");
    return reply.headers.at(0).second;
  };
  CHECK(named("../../x.mid") == "attachment; filename=\"x.mid\"");
  CHECK(named("a\r\nSet-Cookie: b\".mid") == "attachment; filename=\"a__Set-Cookie: b_.mid\"");
  CHECK(named("..") == "attachment; filename=\"music.mid\"");
}

TEST_CASE("Noise as a request gets an answer and never an accident", "[studio]") {
  Client client;
  client.open(kGreensleeves);
  const std::vector<std::string> pieces_of_json = {
      "{",     "}",           "[",      "]",
      "\"a\"", ":",           ",",      "\"p1\"",
      "1e999", "-0",          "null",   "\"steps\"",
      "\"b\"", "\"\\u0000\"", "\xff",   "18446744073709551616",
      "true",  "\"bars\"",    "\"5-\"", "0.5"};
  musicvae::SplitMix64 random(7);
  const auto pick = [&](const std::vector<std::string>& list) {
    return list[std::size_t(random.below(int(list.size())))];
  };
  const std::vector<std::string> paths = {"between",     "between/at",   "fill",  "pieces",
                                          "palette",     "palette/at",   "steer", "map/open",
                                          "map/similar", "box/folia.mid"};
  for (int i = 0; i < 3000; ++i) {
    std::string body;
    const int length = random.below(16);
    for (int j = 0; j < length; ++j) body += pick(pieces_of_json);
    const auto reply = client.ask("POST", "/api/v1/" + pick(paths), body);
    INFO(body);
    CHECK(reply.status < 500);
  }
}

TEST_CASE("Many threads may ask at once", "[studio]") {
  Client client;
  const std::string id = client.open(kGreensleeves).at("id");
  const std::string file = read_text("datasets/bundled/folia.mid");
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 50; ++j) {
        good += client.ask("GET", "/api/v1/pieces/" + id).status == 200;
        good += client
                    .ask("POST", "/api/v1/pieces", file,
                         {{"name", std::to_string(i) + "-" + std::to_string(j)}})
                    .status == 200;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 800);
}

TEST_CASE("The page and the music in the box are part of the program", "[studio]") {
  for (const char* name : {"index.html", "style.css", "main.js", "roll.js", "music/folia.mid"}) {
    INFO(name);
    REQUIRE(find_asset(name) != nullptr);
    const std::string folder =
        std::string_view(name).starts_with("music/") ? "datasets/bundled/" : "src/studio/page/";
    const auto slash = std::string(name).find_last_of('/') + 1;
    CHECK(find_asset(name)->bytes == read_text(folder + (name + slash)));
  }
}

TEST_CASE("A palette is told cell by cell, its corners first and last", "[studio]") {
  Client client;
  const auto a = client.open(kGreensleeves), b = client.open("datasets/bundled/folia.mid");
  const nlohmann::json request = {
      {"corners", {a.at("id"), b.at("id"), b.at("id"), a.at("id")}}, {"size", 2}, {"bars", 2}};
  const auto started = client.json("POST", "/api/v1/palette", request.dump());
  const std::string events = client.events(started);
  CHECK(count_of(events, "event: cell\n") == 4);
  const auto cell = client.event(started, "cell");
  CHECK(cell.at("x") == 0);
  CHECK(cell.at("piece").at("bars").size() == 3);
  CHECK(cell.at("piece").at("command") ==
        "musicvae grid greensleeves.mid folia.mid folia.mid greensleeves.mid --bars 2 --model "
        "lute-folk --seed 1 --size 2 -o greensleeves-palette/");
}

TEST_CASE("A place of a palette and a line on it become pieces", "[studio]") {
  Client client;
  const std::string a = client.open(kGreensleeves).at("id"),
                    b = client.open("datasets/bundled/folia.mid").at("id");
  nlohmann::json request = {{"corners", {a, b, b, a}}, {"bars", 4}, {"same_key", true}};
  request["points"] = {{0.25, 0.123456}};
  const auto at = client.json("POST", "/api/v1/palette/at", request.dump());
  CHECK_THAT(at.at("piece").at("command").get<std::string>(),
             Contains("--path '0.25,0.1235;0.25,0.1235' --same-key"));
  request["points"] = {{0, 0}, {1, 1}};
  const auto along = client.json("POST", "/api/v1/palette/at", request.dump());
  REQUIRE(along.at("places").size() == 4);
  CHECK(along.at("places")[0] == nlohmann::json({0, 0}));
  CHECK(along.at("places")[3] == nlohmann::json({1, 1}));
}

TEST_CASE("A piece is steered, and how far it came is told", "[studio]") {
  Client client;
  const std::string piece = client.open("datasets/bundled/folia.mid").at("id");
  const nlohmann::json request = {{"piece", piece}, {"attributes", {{"pitch", 1}}}, {"seed", 3}};
  const auto made = client.event(client.json("POST", "/api/v1/steer", request.dump()), "made");
  CHECK(made.at("measures").at("pitch") > made.at("original").at("pitch").get<double>() + 0.2);
  CHECK(made.at("piece").at("command") ==
        "musicvae vary folia.mid --attribute pitch=+1 --model lute-folk --seed 3 --similarity 1 -o "
        "folia-steered.mid");
}

TEST_CASE("New music keeps to a key and to its length", "[studio]") {
  Client client;
  const nlohmann::json request = {{"key", "D-major"}, {"bars", 4}, {"seed", 5}};
  const auto made = client.event(client.json("POST", "/api/v1/steer", request.dump()), "made");
  const auto& music = made.at("piece");
  CHECK(music.at("bars").size() == 5);
  CHECK(music.at("keys").at(0).at("sharps") == 2);
  CHECK_FALSE(music.at("notes").at("pitch").empty());
  for (const int pitch : music.at("notes").at("pitch")) {
    INFO(pitch);
    CHECK(std::set{2, 4, 6, 7, 9, 11, 1}.contains(pitch % 12));
  }
  CHECK(music.at("made_as") == "new-music/sample-001.mid");
}

TEST_CASE("What cannot stand on a palette or be steered is refused", "[studio]") {
  Client client;
  client.open(kGreensleeves);
  const auto refused = [&](const std::string& path, const std::string& body) {
    const auto reply = client.ask("POST", "/api/v1/" + path, body);
    CHECK(reply.status >= 400);
    CHECK(reply.status < 500);
    return *reply.body;
  };
  CHECK_THAT(refused("palette", R"({"corners": ["p1"]})"), Contains("list of 4"));
  CHECK_THAT(refused("palette", R"({"corners": ["p1", "p1", "p1", "p9"]})"), Contains("'p9'"));
  CHECK_THAT(refused("palette/at", R"({"corners": ["p1", "p1", "p1", "p1"]})"),
             Contains("'points' is missing"));
  CHECK_THAT(refused("palette/at", R"({"corners": ["p1", "p1", "p1", "p1"], "points": [[0, 2]]})"),
             Contains("from 0 to 1"));
  CHECK_THAT(refused("steer", R"({"piece": "p1", "attributes": {"pitch": 9}})"),
             Contains("-4 to 4"));
  CHECK_THAT(refused("steer", R"({"key": "H-moll"})"), Contains("H-moll"));
  CHECK_THAT(refused("steer", R"({"meter": "x"})"), Contains("'meter'"));
  CHECK_THAT(client.events(client.json("POST", "/api/v1/steer", R"({"attributes": {"joy": 1}})")),
             Contains("joy"));
}
