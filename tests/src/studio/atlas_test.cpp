#include "src/studio/atlas.hpp"

#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/eventually.hpp"
#include "tests/src/studio/client.hpp"

using namespace musicvae;
using musicvae::test::Client;
using musicvae::test::eventually;
using musicvae::test::TemporaryFolder;

namespace {

/// What is told of the map once it is ready.
nlohmann::json ready_map(Client& client) {
  nlohmann::json map;
  REQUIRE(eventually([&] {
    map = client.json("GET", "/api/v1/map", "", {{"names", "1"}});
    return map.at("ready").get<bool>();
  }));
  return map;
}

std::size_t index_of(const nlohmann::json& map, const std::string& name) {
  for (std::size_t i = 0; i < map.at("pieces").size(); ++i) {
    if (map.at("pieces")[i][0] == name) return i;
  }
  FAIL("there is no " + name + " on the map");
  return 0;
}

}  // namespace

TEST_CASE("Without other music the box is on the map, each piece at a place", "[studio]") {
  Client client;
  const auto map = ready_map(client);
  CHECK(map.at("total") == 12);
  CHECK(map.at("silent") == 0);
  CHECK(map.at("placed").size() == 12);
  CHECK(map.at("principal").size() == 12);
  CHECK(map.at("near").size() == 12);
  const auto index = index_of(map, "folia.mid");
  const auto opened =
      client.json("POST", "/api/v1/map/open", nlohmann::json{{"index", index}}.dump());
  CHECK(opened.at("piece").at("name") == "folia.mid");
  CHECK(client.ask("POST", "/api/v1/map/open", R"({"index": 12})").status == 404);
}

TEST_CASE("Pieces like one on the map are found, the likest first and without itself", "[studio]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "deep");
  for (const char* name : {"folia", "greensleeves", "ode-to-joy"}) {
    std::filesystem::copy_file(std::string("datasets/bundled/") + name + ".mid",
                               folder / (std::string(name) + ".mid"));
  }
  std::filesystem::copy_file("datasets/bundled/folia.mid", folder / "deep/again.mid");
  std::ofstream(folder / "broken.mid") << "no music";
  Client client;
  client.api().open(folder.path());
  const auto map = ready_map(client);
  CHECK(map.at("total") == 5);
  CHECK(map.at("silent") == 1);
  CHECK(map.at("trouble").get<std::string>().starts_with("broken.mid: "));
  CHECK(map.at("pieces")[index_of(map, "deep/again.mid")][1] == "deep");
  const auto found =
      client.event(client.json("POST", "/api/v1/map/similar",
                               nlohmann::json{{"index", index_of(map, "folia.mid")}}.dump()),
                   "similar");
  REQUIRE(found.at("pieces").size() == 3);
  CHECK(found.at("pieces")[0].at("name") == "deep/again.mid");
  CHECK(found.at("pieces")[0].at("similarity") > 0.999);
  const std::string dropped = client.open("datasets/bundled/folia.mid").at("id");
  const auto all = client.event(
      client.json("POST", "/api/v1/map/similar", nlohmann::json{{"piece", dropped}}.dump()),
      "similar");
  CHECK(all.at("pieces").size() == 4);
}

TEST_CASE("Whoever asks for pieces like one need not wait for the map first", "[studio]") {
  Client client;
  const std::string piece = client.open("datasets/bundled/folia.mid").at("id");
  const auto found = client.event(
      client.json("POST", "/api/v1/map/similar", nlohmann::json{{"piece", piece}}.dump()),
      "similar");
  CHECK(found.at("pieces").size() == 12);
  CHECK(ready_map(client).at("placed").size() == 12);
}

TEST_CASE("A map is there at once the next time, until its files change", "[studio]") {
  const TemporaryFolder music, cache;
  for (const char* name : {"folia.mid", "greensleeves.mid", "ode-to-joy.mid"}) {
    std::filesystem::copy_file(std::string("datasets/bundled/") + name, music / name);
  }
  studio::ApiOptions options;
  options.maps = cache.path();
  const auto first_look = [&] {
    Client client(options);
    client.api().open(music.path());
    return client.json("GET", "/api/v1/map");
  };
  nlohmann::json first;
  {
    Client client(options);
    client.api().open(music.path());
    first = ready_map(client);
    CHECK(eventually([&] { return test::entries(cache.path()) == 1; }));
  }
  const auto again = first_look();
  CHECK(again.at("ready") == true);
  CHECK(again.at("near") == first.at("near"));
  std::filesystem::copy_file("datasets/bundled/bwv147-jesu.mid", music / "ode-to-joy.mid",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(first_look().at("ready") == false);
}
