#include "src/base/module_file.hpp"

#include <dlfcn.h>
#include <string>

#include "src/base/error.hpp"

namespace musicvae {

void* load_function(const char* file, const char* name) {
  void* const module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  void* const function = module == nullptr ? nullptr : dlsym(module, name);
  if (function == nullptr) {
    throw Error(std::string("cannot load a part of the program that this command needs: ") +
                dlerror() + "; build or install musicvae again");
  }
  return function;
}

}  // namespace musicvae
