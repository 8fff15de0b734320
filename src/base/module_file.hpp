#pragma once

namespace musicvae {

/// A function of a module that comes with the program, found by the caller's run path: beside the
/// program in a build, in lib/musicvae when installed. The module stays loaded. Throws Error where
/// it cannot be.
void* load_function(const char* file, const char* name);

}  // namespace musicvae
