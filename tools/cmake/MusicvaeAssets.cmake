# Run as a script, writes a C++ source with the bytes of files:
#   cmake -DOUT=assets.cpp -DNAMES=a;music/b -DFILES=path/a;path/b -P MusicvaeAssets.cmake
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  set(bytes "")
  set(table "")
  set(index 0)
  foreach(name file IN ZIP_LISTS NAMES FILES)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1," hex "${hex}")
    string(APPEND bytes "constexpr unsigned char kBytes${index}[] = {${hex}0};\n")
    string(APPEND table "    {\"${name}\", text(kBytes${index})},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  file(WRITE ${OUT}
    "#include \"src/studio/assets.hpp\"\n\n#include <cstddef>\n\nnamespace musicvae::studio {\nnamespace {\n\n${bytes}\n"
    "template <std::size_t kSize>\nstd::string_view text(const unsigned char (&bytes)[kSize]) {\n"
    "  return {reinterpret_cast<const char*>(bytes), kSize - 1};\n}\n\n}  // namespace\n\n"
    "std::span<const Asset> assets() {\n  static const Asset kAssets[] = {\n${table}  };\n  return kAssets;\n}\n\n"
    "}  // namespace musicvae::studio\n")
  return()
endif()

# musicvae_assets(OUT NAME FILE...): a rule that compiles files into OUT under names.
function(musicvae_assets out)
  set(names)
  set(files)
  set(rest ${ARGN})
  while(rest)
    list(POP_FRONT rest name file)
    list(APPEND names ${name})
    list(APPEND files ${file})
  endwhile()
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} "-DOUT=${out}" "-DNAMES=${names}" "-DFILES=${files}"
            -P ${PROJECT_SOURCE_DIR}/tools/cmake/MusicvaeAssets.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/tools/cmake/MusicvaeAssets.cmake
    VERBATIM)
endfunction()
